use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

static COUNTER: AtomicU32 = AtomicU32::new(0);
static mut PLAIN: u32 = 0;
static FIRST: OnceLock<String> = OnceLock::new();
static ALL: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed) + 1;
        // SAFETY: only the thread that reads the lines comes here.
        let plain = unsafe {
            PLAIN += 1;
            PLAIN
        };
        let first = FIRST.get_or_init(|| String::from(command));
        let all = ALL.lock().map_or(0, |mut all| {
            all.push(String::from(command));
            all.len()
        });
        let elsewhere = leaf::counted();
        format!("patched {counter} {plain} {first} {all} {elsewhere}")
    }
}
