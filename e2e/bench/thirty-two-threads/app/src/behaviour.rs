use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The longest call of `patched` since it was last asked for, in microseconds.
static LONGEST: AtomicU64 = AtomicU64::new(0);

/// 32 threads that call `patched` a thousand times a second each, so that the cores are not what they wait for.
pub struct Program;

pub fn start() -> Program {
    for _ in 0..32 {
        thread::spawn(|| {
            loop {
                let started = Instant::now();
                patched();
                let took = started.elapsed().as_micros() as u64;
                LONGEST.fetch_max(took, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(1));
            }
        });
    }
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        if command == "rest" {
            LONGEST.store(0, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(150));
        }
        LONGEST.swap(0, Ordering::Relaxed).to_string()
    }
}

#[inline(never)]
fn patched() -> u64 {
    0
}
