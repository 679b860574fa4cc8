//! Threads in the making.
//!
//! pthread_create(3) first copies the TLS image into the new thread's block and starts the thread some time later. A
//! thread in between has the old image and is in no list yet. So creations are counted, and whoever has changed the
//! image can wait until none is left that may have copied the old one.
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::dynamic;

type Start = extern "C" fn(*mut c_void) -> *mut c_void;
type Create = unsafe extern "C" fn(
    *mut libc::pthread_t,
    *const libc::pthread_attr_t,
    Start,
    *mut c_void,
) -> c_int;

/// Creations in progress, by the parity of the turn in which they began.
static CREATING: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
static TURN: AtomicU32 = AtomicU32::new(0);

/// Takes the C library's place, counts, and calls it.
///
/// # Safety
/// As pthread_create(3).
#[no_mangle]
pub unsafe extern "C" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    static REAL: OnceLock<Option<Create>> = OnceLock::new();
    let real = REAL.get_or_init(|| {
        let real = dynamic::of_c_library(c"pthread_create")?;
        // SAFETY: the C library's pthread_create has this type.
        Some(unsafe { std::mem::transmute::<*mut c_void, Create>(real) })
    });
    let Some(real) = real else {
        return libc::EAGAIN;
    };
    let [even, odd] = &CREATING;
    let count = if TURN.load(Ordering::SeqCst) & 1 == 0 {
        even
    } else {
        odd
    };
    count.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the caller's own arguments.
    let result = unsafe { real(thread, attributes, start, argument) };
    count.fetch_sub(1, Ordering::SeqCst);
    result
}

/// Waits until every creation that is in progress now has come to its end; false when that takes longer than
/// `patience`. Later ones are not waited for, however many there are: they count for the next turn. Two turns, because a
/// thread may have read the turn and not counted itself yet (as in sleepable RCU).
pub fn wait_for_those_in_progress(patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    for _ in 0..2 {
        let turn = TURN.fetch_add(1, Ordering::SeqCst) & 1;
        let in_progress = CREATING.get(turn as usize);
        while in_progress.is_some_and(|count| count.load(Ordering::SeqCst) != 0) {
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_micros(20));
        }
    }
    true
}

/// In a forked child: threads that its parent was creating do not exist here.
pub fn forget() {
    CREATING
        .iter()
        .for_each(|count| count.store(0, Ordering::SeqCst));
}
