//! When the handlers of fatal signals are installed: with the first patch, so that a program without patches keeps its
//! own, and not before the program has installed its.
//!
//! std installs its handler of stack overflows at the beginning of `main`, and only where there is none, so ours must not
//! come first. A patch can: a held program gets its patches before `main`, and one that connects late gets the earlier
//! patches at once.
#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::hold;
use crate::os::{clock, crash, first_handlers, signals};
use crate::process::STATE;

const SIGSEGV: i32 = 11;

/// A program that has no handler of SIGSEGV by this time has none that it installs at its beginning.
const BEGINNING: Duration = Duration::from_millis(200);

/// When the program left our constructor, by the monotonic clock; 0 before.
static STARTED: AtomicU64 = AtomicU64::new(0);
static INSTALLED: AtomicBool = AtomicBool::new(false);
const TURN: Duration = Duration::from_millis(1);

/// The program goes on to `main`.
pub fn note_start() {
    STARTED.store(clock::monotonic_ns(), Ordering::SeqCst);
}

/// There is a session, on this descriptor, and the calling thread serves it.
pub fn connected(descriptor: i32) {
    crash::listen(descriptor);
    // A forked child has the handlers of its parent, and a loader's thread that takes no signals yet.
    if INSTALLED.load(Ordering::SeqCst) {
        let _ = crash::hear();
    }
}

/// There are patches, and the program is about to begin: its first handlers are followed by ours at once. Called on the
/// loader's thread.
pub fn expect() {
    if !INSTALLED.load(Ordering::SeqCst) && !STATE.lock().live.is_empty() && crash::hear().is_ok() {
        first_handlers::expect();
    }
}

/// Installs them, unless it was done; waits for the end of the program's beginning if it has begun. Called on the
/// loader's thread.
pub fn listen_for() {
    if INSTALLED.load(Ordering::SeqCst) {
        // A debugger that came or went makes the signal another.
        let _ = crash::hear();
        return;
    }
    if hold::is_held() || STATE.lock().live.is_empty() {
        return;
    }
    expect();
    // After Go it is a moment until the program's thread has a processor.
    let begins = Instant::now() + BEGINNING;
    while STARTED.load(Ordering::SeqCst) == 0 && Instant::now() < begins {
        std::thread::sleep(TURN);
    }
    while is_beginning() {
        std::thread::sleep(TURN);
    }
    install();
}

/// The same before the session is told of a patch, whose crash may come at once; where that takes waiting, it is left to
/// [`listen_for`].
pub fn listen_without_waiting() {
    let is_under_way = STARTED.load(Ordering::SeqCst) != 0 && !is_beginning();
    if is_under_way && !INSTALLED.load(Ordering::SeqCst) && !STATE.lock().live.is_empty() {
        expect();
        install();
    }
}

/// Whether the program may yet install handlers that must come first.
fn is_beginning() -> bool {
    let end = STARTED.load(Ordering::SeqCst) + BEGINNING.as_nanos() as u64;
    signals::is_default_now(SIGSEGV) && clock::monotonic_ns() < end
}

fn install() {
    // Without them the session learns of the end from the exit alone.
    if crash::install().is_ok() {
        INSTALLED.store(true, Ordering::SeqCst);
    }
    first_handlers::expect_no_more();
}
