use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

static SEEN: AtomicU32 = AtomicU32::new(70);
static PRICES: [u32; 3] = [7, 8, 9];
thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(80) };
}

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        let seen = SEEN.fetch_add(1, Ordering::Relaxed);
        let asked = ASKED.replace(ASKED.get() + 1);
        format!("again {seen} {asked} {}", PRICES[line.len() % 3])
    }
}
