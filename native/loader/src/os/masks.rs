//! Threads that block every signal for good, as background threads of libraries do (jemalloc's, for one).
//!
//! They mean that no handler of the program shall run on them, and fill the whole set. That catches the two signals which
//! patches need as well: a thread that blocks SIGTRAP is ended by the kernel at a breakpoint, whatever handler there is,
//! and one that blocks the question cannot be asked. So those two are taken out of whole sets, as the C library takes
//! its own out of every set. Who names SIGTRAP means it: that is left as it is, and patches are refused meanwhile.
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

use super::{dynamic, stop, thread};

type Change = unsafe extern "C" fn(c_int, *const libc::sigset_t, *mut libc::sigset_t) -> c_int;

static THREADS: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
static PROCESSES: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// Whether there is a session.
static IS_ACTIVE: AtomicBool = AtomicBool::new(false);
/// The loader's own thread, which takes no signals at all.
static OWN: AtomicI32 = AtomicI32::new(0);

/// Signals that are in a set together when somebody filled it, and hardly if somebody named them.
const TELLTALE: [c_int; 5] = [
    libc::SIGTRAP,
    libc::SIGCHLD,
    libc::SIGURG,
    libc::SIGWINCH,
    libc::SIGPWR,
];

/// Finds the C library's own functions in advance.
pub fn prepare() {
    for (place, name) in [(&THREADS, c"pthread_sigmask"), (&PROCESSES, c"sigprocmask")] {
        if let Some(real) = dynamic::of_c_library(name) {
            place.store(real, Ordering::SeqCst);
        }
    }
}

/// From here on whole sets lose the two signals.
pub fn begin() {
    IS_ACTIVE.store(true, Ordering::SeqCst);
}

/// The calling thread is the loader's.
pub fn except_this_thread() {
    OWN.store(thread::id(), Ordering::SeqCst);
}

/// pthread_sigmask(3) as the C library has it.
///
/// # Safety
/// As pthread_sigmask(3).
pub(super) unsafe fn change(
    how: c_int,
    set: *const libc::sigset_t,
    before: *mut libc::sigset_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { real(&THREADS, how, set, before) }
}

/// Takes the C library's place.
///
/// # Safety
/// As pthread_sigmask(3).
#[no_mangle]
pub unsafe extern "C" fn pthread_sigmask(
    how: c_int,
    set: *const libc::sigset_t,
    before: *mut libc::sigset_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { without_ours(&THREADS, how, set, before) }
}

/// Takes the C library's place.
///
/// # Safety
/// As sigprocmask(2).
#[no_mangle]
pub unsafe extern "C" fn sigprocmask(
    how: c_int,
    set: *const libc::sigset_t,
    before: *mut libc::sigset_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { without_ours(&PROCESSES, how, set, before) }
}

unsafe fn without_ours(
    place: &AtomicPtr<c_void>,
    how: c_int,
    set: *const libc::sigset_t,
    before: *mut libc::sigset_t,
) -> c_int {
    // SAFETY: the caller's promise: null or a set.
    let given = unsafe { set.as_ref() };
    let is_whole = |set: &libc::sigset_t| {
        TELLTALE
            .iter()
            // SAFETY: a set and signals that there are.
            .all(|signal| unsafe { libc::sigismember(set, *signal) } == 1)
    };
    let applies = IS_ACTIVE.load(Ordering::SeqCst) && how != libc::SIG_UNBLOCK;
    match given {
        Some(given) if applies && is_whole(given) && thread::id() != OWN.load(Ordering::SeqCst) => {
            let mut ours = *given;
            for signal in [libc::SIGTRAP, stop::first_choice()] {
                // SAFETY: an initialized set.
                unsafe { libc::sigdelset(&mut ours, signal) };
            }
            // SAFETY: the caller's promise, and a set of our own.
            unsafe { real(place, how, &ours, before) }
        }
        // SAFETY: the caller's own arguments.
        _ => unsafe { real(place, how, set, before) },
    }
}

unsafe fn real(
    place: &AtomicPtr<c_void>,
    how: c_int,
    set: *const libc::sigset_t,
    before: *mut libc::sigset_t,
) -> c_int {
    if place.load(Ordering::SeqCst).is_null() {
        // A call before this library's constructor.
        prepare();
    }
    let real = place.load(Ordering::SeqCst);
    if real.is_null() {
        return libc::ENOSYS;
    }
    // SAFETY: the C library's functions have this type; the arguments are the caller's.
    unsafe { std::mem::transmute::<*mut c_void, Change>(real)(how, set, before) }
}
