//! The gate: while it is closed, a thread that reaches one of the sites waits.
//!
//! A site is an address that holds a breakpoint. The thread that executes it gets SIGTRAP, and the handler here lets it
//! wait until the gate opens, then sends it back to the site to execute what stands there by then.
//!
//! The handler is never removed. Taking it away is not possible without a gap: a thread can have executed the
//! breakpoint, but not yet have been handed the signal, when the last breakpoint is already gone; with the default
//! action back in place that signal would end the program. So it stays and passes on every trap that is not ours.
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicU8, Ordering};

use super::{clock, crash, futex, signals, thread};
use crate::arch::{Context, BREAKPOINT, JUMP};

/// Odd while the gate is closed. Counts up, so that a thread can tell its own phase from a later one.
static PHASE: AtomicU32 = AtomicU32::new(0);
/// The sites of the newest phase, ascending.
static SITES: AtomicPtr<Vec<usize>> = AtomicPtr::new(std::ptr::null_mut());
/// How many handlers are reading a list. Who replaced the list and then sees nobody here knows that no one has the old.
static READERS: AtomicU32 = AtomicU32::new(0);
/// When the first thread began to wait in this phase.
static FIRST_WAIT: AtomicU64 = AtomicU64::new(u64::MAX);

/// The gate while it is closed. Opens when dropped.
pub struct Closed(());

/// Makes SIGTRAP ours (once), so that `close` can follow. `question` is the signal that asks where a thread is: at a
/// breakpoint it must not come between the trap and its handler, where the answer would be wrong. A thread that waits
/// at the gate needs no asking.
pub fn prepare(question: i32) -> std::io::Result<()> {
    // The trap itself may nest: a thread on its way out of the handler has to be able to take that of the next patch.
    signals::take(
        libc::SIGTRAP,
        on_trap,
        &PREVIOUS,
        signals::Nesting::NotBy(question),
    )
}

/// Closes the gate. `sites` is in ascending order; the breakpoints themselves are the caller's to place, after this.
pub fn close(sites: Vec<usize>) -> Closed {
    let before = SITES.swap(Box::into_raw(Box::new(sites)), Ordering::SeqCst);
    if !before.is_null() && READERS.load(Ordering::SeqCst) == 0 {
        // SAFETY: made here, replaced, and read by nobody. When somebody does read, it is leaked.
        drop(unsafe { Box::from_raw(before) });
    }
    FIRST_WAIT.store(u64::MAX, Ordering::SeqCst);
    PHASE.fetch_add(1, Ordering::SeqCst);
    Closed(())
}

impl Closed {
    /// Opens the gate; gives the longest time, in nanoseconds, that a thread waited at it.
    pub fn open(self) -> u64 {
        // Before the opening: those who waited may get this thread's processor at once.
        let now = clock::monotonic_ns();
        drop(self);
        now.saturating_sub(FIRST_WAIT.load(Ordering::SeqCst))
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        PHASE.fetch_add(1, Ordering::SeqCst);
        futex::wake_all(&PHASE);
    }
}

/// The phase, when the gate is closed.
pub fn closed_phase() -> Option<u32> {
    Some(PHASE.load(Ordering::SeqCst)).filter(|phase| phase % 2 == 1)
}

/// Whether `pc` is at a place that must not be left to itself while the bytes behind the sites are written: inside of
/// the jump to be, but not at its start, where the breakpoint is.
pub fn is_inside_site(pc: usize) -> bool {
    with_sites(|sites| {
        let before = sites.partition_point(|site| *site < pc);
        before
            .checked_sub(1)
            .and_then(|at| sites.get(at))
            .is_some_and(|site| pc - site < JUMP)
    })
}

/// Waits for the end of `phase`, for `patience` at most; async-signal-safe.
pub fn wait(phase: u32, patience: Option<std::time::Duration>) {
    FIRST_WAIT.fetch_min(clock::monotonic_ns(), Ordering::SeqCst);
    while PHASE.load(Ordering::SeqCst) == phase {
        futex::wait(&PHASE, phase, patience);
        if patience.is_some() {
            return;
        }
    }
}

fn with_sites<T: Default>(look: impl FnOnce(&[usize]) -> T) -> T {
    READERS.fetch_add(1, Ordering::SeqCst);
    // SAFETY: null or a list that nobody changes, and that stays as long as it has a reader.
    let sites = unsafe { SITES.load(Ordering::SeqCst).as_ref() };
    let result = sites.map_or_else(T::default, |sites| look(sites));
    READERS.fetch_sub(1, Ordering::SeqCst);
    result
}

static PREVIOUS: signals::Previous = signals::Previous::unset();

unsafe extern "C" fn on_trap(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    raw: *mut libc::c_void,
) {
    // SAFETY: called by the kernel as an SA_SIGINFO handler.
    let mut context = unsafe { Context::of_handler(raw) };
    // SAFETY: as above. `int3` raises SI_KERNEL, whatever else raises SIGTRAP does not.
    let is_breakpoint = unsafe { (*info).si_code } == SI_KERNEL;
    // The saved pc is behind the one-byte instruction.
    let site = context.pc().wrapping_sub(1);
    if is_breakpoint {
        if let Some(phase) = closed_phase() {
            if with_sites(|sites| sites.binary_search(&site).is_ok()) {
                // At once: who looks at this frame from outside shall find the site, not the byte behind it.
                context.set_pc(site);
                return thread::keeping_errno(|| wait(phase, None));
            }
        }
        // A phase that has ended in the meantime: there is no breakpoint any more.
        // SAFETY: the thread has just executed this byte.
        let now = unsafe { AtomicU8::from_ptr(site as *mut u8) }.load(Ordering::SeqCst);
        if now != BREAKPOINT {
            context.set_pc(site);
            return;
        }
    }
    // SAFETY: the kernel's own arguments.
    unsafe {
        if PREVIOUS.is_default(info) {
            thread::keeping_errno(|| crash::tell(signal, info, raw));
        }
        PREVIOUS.call(signal, info, raw);
    };
}

const SI_KERNEL: i32 = 0x80;
