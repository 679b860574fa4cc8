//! Holding the program before `main`, so that it starts with patches in it.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU32, Ordering};

use crate::os::futex;

/// The environment variable that asks for it, by the value 1.
pub const VARIABLE: &str = "NX_HOTPATCH_HOLD";

const FREE: u32 = 0;
const HELD: u32 = 1;

static STATE: AtomicU32 = AtomicU32::new(FREE);

pub fn is_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| value == "1")
}

/// From here on [`wait`] waits. Called before the loader's thread starts, which may release at once.
pub fn begin() {
    STATE.store(HELD, Ordering::SeqCst);
}

pub fn is_held() -> bool {
    STATE.load(Ordering::SeqCst) == HELD
}

/// Lets the program go on; without effect when it runs.
pub fn release() {
    if STATE.swap(FREE, Ordering::SeqCst) == HELD {
        futex::wake_all(&STATE);
    }
}

/// Returns when nothing holds the program.
pub fn wait() {
    while is_held() {
        futex::wait(&STATE, HELD, None);
    }
}
