use std::panic::{Location, catch_unwind, set_hook};
use std::sync::atomic::{AtomicU32, Ordering};

static LINE: AtomicU32 = AtomicU32::new(0);

pub struct Program;

pub fn start() -> Program {
    set_hook(Box::new(|panic| {
        LINE.store(panic.location().map_or(0, Location::line), Ordering::Relaxed);
    }));
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        catch_unwind(fails).ok();
        format!("line {}", LINE.load(Ordering::Relaxed))
    }
}

fn fails() {
    panic!("on purpose");
}
