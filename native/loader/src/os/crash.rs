//! The last word of a program that dies by a signal: what its handler tells the session before the signal takes its
//! course.
//!
//! The thread that dies makes the frame and hands it to the loader's thread, because that alone has the connection in
//! its table of descriptors ([`super::descriptors`]). A signal wakes that thread wherever it is; its handler sends, or,
//! when another message is half written, leaves it to the writer.
//!
//! It tells only of the end. A program that handles the signal itself, or a runtime that turns it into an error, goes
//! first; when it has dealt with it, nothing is said. Everything here is async-signal-safe.
use std::cell::UnsafeCell;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use super::crash_frame::{Facts, Frame};
use super::signals::{self, Previous};
use super::{clock, dynamic, futex, stop, thread};
use crate::arch::Context;

/// Signals that end a program by default, but for those that people send to end it.
const FATAL: [libc::c_int; 6] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGABRT,
    libc::SIGSYS,
];
static PREVIOUS: [Previous; FATAL.len()] = [const { Previous::unset() }; FATAL.len()];
/// Which have our handler, or are about to.
static IS_TAKEN: [AtomicBool; FATAL.len()] = [const { AtomicBool::new(false) }; FATAL.len()];

/// Marks the value of the signal that asks the loader's thread to send.
const MARK: u64 = 1 << 62;

/// How long the dying thread waits for the loader's.
const PATIENCE: Duration = Duration::from_secs(2);

struct Shared(UnsafeCell<Frame>);

// SAFETY: written by the one thread that changes STAGE from NOTHING, read by the loader's after it became READY.
unsafe impl Sync for Shared {}

static FRAME: Shared = Shared(UnsafeCell::new(Frame::empty()));

const NOTHING: u32 = 0;
/// Made in advance for OWNER, while the program's own handler is at work: it may be the end or not.
const PREPARED: u32 = 1;
const FILLING: u32 = 2;
const READY: u32 = 3;
const SENT: u32 = 4;
static STAGE: AtomicU32 = AtomicU32::new(NOTHING);
static OWNER: AtomicI32 = AtomicI32::new(0);

/// The loader's thread and its connection, as long as there is one.
static LISTENER: AtomicI32 = AtomicI32::new(0);
static CONNECTION: AtomicI32 = AtomicI32::new(-1);
/// The process that these belong to: a child made by clone(2) alone inherits them and has no such thread.
static PROCESS: AtomicI32 = AtomicI32::new(0);
static IS_WRITING: AtomicBool = AtomicBool::new(false);

/// Where the signal frame of OWNER's handler stands.
static OUTER: AtomicUsize = AtomicUsize::new(0);

static ABORT: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());

/// From now on the calling thread sends what is to be told, on this descriptor.
pub fn listen(connection: i32) {
    CONNECTION.store(connection, Ordering::SeqCst);
    PROCESS.store(pid(), Ordering::SeqCst);
    LISTENER.store(thread::id(), Ordering::SeqCst);
}

/// The connection is closed, or it is the parent's and this a forked child.
pub fn deafen() {
    LISTENER.store(0, Ordering::SeqCst);
    CONNECTION.store(-1, Ordering::SeqCst);
    IS_WRITING.store(false, Ordering::SeqCst);
    STAGE.store(NOTHING, Ordering::SeqCst);
}

/// Writes a message; a crash meanwhile is told right behind it.
pub fn while_writing<T>(write: impl FnOnce() -> T) -> T {
    IS_WRITING.store(true, Ordering::SeqCst);
    let result = write();
    IS_WRITING.store(false, Ordering::SeqCst);
    send();
    result
}

/// Lets the calling thread, which listens, be woken.
pub fn hear() -> io::Result<()> {
    thread::unblock(stop::signal()?);
    Ok(())
}

/// Takes the fatal signals over that are not yet. Call it on the thread that listens, which hears from then on.
pub fn install() -> io::Result<()> {
    hear()?;
    take_over(|_| true)
}

/// The program has set this signal's handler: takes it over, and with SIGSEGV's those that std sets none for.
pub(super) fn follow(signal: libc::c_int) {
    let _ = take_over(|other| match signal {
        // std looks for a handler of SIGBUS next, and sets its own where there is none.
        libc::SIGSEGV => other != libc::SIGBUS,
        libc::SIGBUS => other == libc::SIGBUS,
        _ => false,
    });
}

fn take_over(is_asked_for: impl Fn(libc::c_int) -> bool) -> io::Result<()> {
    for ((signal, previous), is_taken) in FATAL.into_iter().zip(&PREVIOUS).zip(&IS_TAKEN) {
        if is_asked_for(signal) && !is_taken.swap(true, Ordering::SeqCst) {
            signals::take(signal, on_fatal, previous, signals::Nesting::AsBefore)?;
        }
    }
    Ok(())
}

/// In our signal's handler, on the loader's thread: true when the value is a crash's.
pub(super) fn take(value: u64) -> bool {
    if value != MARK {
        return false;
    }
    if !IS_WRITING.load(Ordering::SeqCst) {
        send();
    }
    true
}

unsafe extern "C" fn on_fatal(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    raw: *mut libc::c_void,
) {
    let known = FATAL.iter().position(|fatal| *fatal == signal);
    let Some(previous) = known.and_then(|at| PREVIOUS.get(at)) else {
        return;
    };
    // SAFETY: the kernel's own arguments, here and below.
    unsafe {
        thread::keeping_errno(|| {
            if previous.is_default(info) {
                tell(signal, info, raw);
                return signals::take_default_course(signal, info);
            }
            // Now, because that handler may stand on a small stack and not come back.
            let prepared = is_heard() && fill(signal, info, raw, PREPARED);
            previous.call(signal, info, raw);
            let is_mine = prepared && OWNER.load(Ordering::SeqCst) == thread::id();
            // std's handler, for one, gives back the default action and lets the instruction fail again.
            if signals::is_default_now(signal) && (*info).si_code > 0 {
                if is_mine && become_ready() {
                    hand_over();
                } else {
                    tell(signal, info, raw);
                }
            } else if is_mine {
                let none = (PREPARED, NOTHING);
                let _ = STAGE.compare_exchange(none.0, none.1, Ordering::SeqCst, Ordering::SeqCst);
            }
        });
    }
}

/// Takes the C library's place for a handler that finds no way out, as std's at a stack overflow: what is told is what
/// that handler was called for. Its stack has no room for another signal frame, so SIGABRT's own handler comes too late.
#[no_mangle]
pub extern "C" fn abort() -> ! {
    let here = 0u8;
    let above = OUTER
        .load(Ordering::SeqCst)
        .checked_sub(std::ptr::from_ref(&here) as usize);
    let is_in_handler = above.is_some_and(|above| above < NEAR);
    let mine = OWNER.load(Ordering::SeqCst) == thread::id() && is_heard();
    if is_in_handler && mine && become_ready() {
        // SAFETY: this thread has made it READY, and the loader's does not know yet.
        unsafe { (*FRAME.0.get()).call_it_an_abort() };
        hand_over();
        signals::give_default_back(libc::SIGABRT, on_fatal);
    }
    let mut real = ABORT.load(Ordering::SeqCst);
    if real.is_null() {
        prepare();
        real = ABORT.load(Ordering::SeqCst);
    }
    if real.is_null() {
        std::process::exit(127);
    }
    // SAFETY: the C library's abort has this type.
    unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn() -> !>(real)() }
}

/// Handlers that give up are this near to their signal frame.
const NEAR: usize = 64 << 10;

/// Finds the C library's own abort in advance: who calls it may hold any lock.
pub fn prepare() {
    if let Some(real) = dynamic::of_c_library(c"abort") {
        ABORT.store(real, Ordering::SeqCst);
    }
}

fn is_heard() -> bool {
    LISTENER.load(Ordering::SeqCst) != 0 && PROCESS.load(Ordering::SeqCst) == pid()
}

fn become_ready() -> bool {
    let changed = STAGE.compare_exchange(PREPARED, READY, Ordering::SeqCst, Ordering::SeqCst);
    changed.is_ok()
}

/// Tells the session, and waits until that is done.
///
/// # Safety
/// The arguments are those that the kernel gave to the running handler.
pub(super) unsafe fn tell(signal: libc::c_int, info: *mut libc::siginfo_t, raw: *mut libc::c_void) {
    if !is_heard() {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { fill(signal, info, raw, READY) };
    hand_over();
}

/// Makes the frame, when nobody else has made one that counts. False when somebody has.
///
/// # Safety
/// As [`tell`].
unsafe fn fill(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    raw: *mut libc::c_void,
    stage: u32,
) -> bool {
    let free = |stage: u32| matches!(stage, NOTHING | PREPARED).then_some(FILLING);
    if STAGE
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, free)
        .is_err()
    {
        return false;
    }
    let facts = Facts {
        signal,
        // SAFETY: the kernel's siginfo, here and below.
        code: unsafe { (*info).si_code },
        pid: pid(),
        tid: thread::id(),
        address: unsafe { address(info) },
        thread: thread::own_name(),
    };
    OWNER.store(facts.tid, Ordering::SeqCst);
    OUTER.store(raw as usize, Ordering::SeqCst);
    // SAFETY: this thread alone has made it FILLING; the kernel's context.
    unsafe { (*FRAME.0.get()).fill(&facts, &Context::of_handler(raw)) };
    STAGE.store(stage, Ordering::SeqCst);
    true
}

/// Wakes the loader's thread and waits until it has sent.
fn hand_over() {
    stop::send(LISTENER.load(Ordering::SeqCst), MARK);
    // A second thread that dies waits too: its end would be the process's.
    let deadline = clock::monotonic_ns() + PATIENCE.as_nanos() as u64;
    loop {
        let stage = STAGE.load(Ordering::SeqCst);
        let nobody = LISTENER.load(Ordering::SeqCst) == 0;
        if stage == SENT || nobody || clock::monotonic_ns() > deadline {
            return;
        }
        futex::wait(&STAGE, stage, Some(Duration::from_millis(50)));
    }
}

/// Sends the frame, if there is one that was not sent.
fn send() {
    if STAGE.load(Ordering::SeqCst) != READY {
        return;
    }
    // SAFETY: READY: nobody writes to it any more.
    let mut rest = unsafe { (*FRAME.0.get()).bytes() };
    let connection = CONNECTION.load(Ordering::SeqCst);
    while !rest.is_empty() {
        // SAFETY: the slice is valid for the call.
        let sent = unsafe {
            libc::send(
                connection,
                rest.as_ptr().cast(),
                rest.len(),
                libc::MSG_NOSIGNAL,
            )
        };
        match usize::try_from(sent) {
            Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    STAGE.store(SENT, Ordering::SeqCst);
    futex::wake_all(&STAGE);
}

/// What was accessed, or the instruction; 0 when somebody sent the signal.
///
/// # Safety
/// `info` is what the kernel gave to the running handler.
unsafe fn address(info: *mut libc::siginfo_t) -> usize {
    // SAFETY: codes above 0 of the fatal signals come with an address; SIGABRT has none such.
    unsafe {
        if (*info).si_code > 0 {
            (*info).si_addr() as usize
        } else {
            0
        }
    }
}

fn pid() -> i32 {
    // SAFETY: cannot fail.
    unsafe { libc::getpid() }
}
