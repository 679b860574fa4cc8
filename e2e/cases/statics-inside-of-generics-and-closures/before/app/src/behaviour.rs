use std::sync::atomic::{AtomicU32, Ordering};

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        counted()
    }
}

fn next(number: &AtomicU32) -> u32 {
    number.fetch_add(1, Ordering::Relaxed) + 1
}

fn of<T>(_: T) -> u32 {
    static SHARED: AtomicU32 = AtomicU32::new(10);
    next(&SHARED)
}

fn counted() -> String {
    let closure = || {
        static INNER: AtomicU32 = AtomicU32::new(20);
        next(&INNER)
    };
    format!("{} {} {}", of(1u8), of("a"), closure())
}
