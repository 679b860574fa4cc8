use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static ROUNDS: AtomicU32 = AtomicU32::new(0);

pub struct Program;

pub fn start() -> Program {
    std::thread::Builder::new()
        .name("worker".into())
        .spawn(worker)
        .unwrap();
    while ROUNDS.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    Program
}

fn worker() {
    let mut rounds = 0u64;
    while rounds < u64::MAX {
        rounds += 1;
        ROUNDS.fetch_add(step(), Ordering::SeqCst);
        std::thread::sleep(Duration::from_micros(10));
    }
}

fn step() -> u32 {
    1000
}

impl Program {
    pub fn answer(&mut self, _command: &str) -> String {
        let before = ROUNDS.load(Ordering::SeqCst);
        while ROUNDS.load(Ordering::SeqCst) < before + 2000 {
            std::thread::yield_now();
        }
        "it goes on".to_string()
    }
}
