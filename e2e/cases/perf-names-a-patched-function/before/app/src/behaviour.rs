use std::sync::atomic::{AtomicU64, Ordering};

static SUM: AtomicU64 = AtomicU64::new(0);

/// A thread that does nothing but call `spin`.
pub struct Program;

pub fn start() -> Program {
    std::thread::spawn(|| loop {
        SUM.fetch_add(spin(), Ordering::Relaxed);
    });
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        std::mem::size_of_val(&SUM).to_string()
    }
}

#[inline(never)]
fn spin() -> u64 {
    let mut sum = 1;
    for at in 0..10_000u64 {
        sum = sum ^ at;
    }
    sum
}
