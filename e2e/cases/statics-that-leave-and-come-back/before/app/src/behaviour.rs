use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

static SEEN: AtomicU32 = AtomicU32::new(10);
static PRICES: [u32; 3] = [1, 2, 3];
thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(20) };
}

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        let seen = SEEN.fetch_add(1, Ordering::Relaxed);
        let asked = ASKED.replace(ASKED.get() + 1);
        format!("first {seen} {asked} {}", PRICES[line.len() % 3])
    }
}
