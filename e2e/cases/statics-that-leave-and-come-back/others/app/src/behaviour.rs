use std::cell::Cell;
use std::sync::atomic::{AtomicI32, Ordering};

static SEEN: AtomicI32 = AtomicI32::new(400);
static PRICES: [u32; 3] = [5; 3];
thread_local! {
    static ASKED: Cell<i32> = const { Cell::new(800) };
}

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        let seen = SEEN.fetch_add(1, Ordering::Relaxed);
        let asked = ASKED.replace(ASKED.get() + 1);
        format!("other {} {} {}", seen as u32, asked as u32, PRICES[line.len() % 3])
    }
}
