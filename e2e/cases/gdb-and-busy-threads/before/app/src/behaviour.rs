use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;

static CALLS: AtomicU64 = AtomicU64::new(0);
static WRONG: AtomicU32 = AtomicU32::new(0);
static STOP: AtomicBool = AtomicBool::new(false);

/// Eight threads that never stop calling `generation` and note when it ever goes backwards.
pub struct Program;

pub fn start() -> Program {
    for _ in 0..8 {
        thread::spawn(|| {
            let mut last = 0;
            while !STOP.load(Ordering::Relaxed) {
                let now = generation();
                if now < last {
                    WRONG.fetch_add(1, Ordering::Relaxed);
                }
                last = now;
                CALLS.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        let calls = CALLS.load(Ordering::Relaxed);
        while CALLS.load(Ordering::Relaxed) < calls + 1000 {
            thread::yield_now();
        }
        format!("generation {}, backwards {}", generation(), WRONG.load(Ordering::Relaxed))
    }
}

#[inline(never)]
fn generation() -> u32 {
    0
}
