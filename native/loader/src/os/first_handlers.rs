//! The handlers that a program installs first of all.
//!
//! std installs those of stack overflows at the beginning of `main`, SIGSEGV's and then SIGBUS's, and only where there
//! are none: ours may not come before, and a program that fails at once leaves the loader's thread no time to come
//! after. So the program's own thread puts ours on top as soon as it has set one of those two. Who sets them by another
//! call than sigaction(2), or not at all, is waited for by the loader's thread (`crashes.rs`).
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{crash, thread};

static IS_AWAITED: AtomicBool = AtomicBool::new(false);

extern "C" {
    /// sigaction(2) by the other name that the C library gives it.
    fn __sigaction(signal: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int;
}

/// From here on the program's handlers of fatal signals are followed by ours.
pub fn expect() {
    IS_AWAITED.store(true, Ordering::SeqCst);
}

/// Ours are in place.
pub fn expect_no_more() {
    IS_AWAITED.store(false, Ordering::SeqCst);
}

/// Takes the C library's place.
///
/// # Safety
/// As sigaction(2).
#[no_mangle]
pub unsafe extern "C" fn sigaction(
    signal: c_int,
    new: *const libc::sigaction,
    old: *mut libc::sigaction,
) -> c_int {
    // SAFETY: the caller's promise.
    let result = unsafe { __sigaction(signal, new, old) };
    if result == 0 && !new.is_null() && IS_AWAITED.load(Ordering::SeqCst) {
        thread::keeping_errno(|| crash::follow(signal));
    }
    result
}
