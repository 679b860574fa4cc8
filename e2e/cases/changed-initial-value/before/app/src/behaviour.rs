use std::sync::atomic::{AtomicU32, Ordering};

static COUNTER: AtomicU32 = AtomicU32::new(0);

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        counted()
    }
}

fn counted() -> String {
    (COUNTER.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}
