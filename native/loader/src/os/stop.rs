//! Asking a running thread where it is, by a signal.
//!
//! The handler answers whether the thread stands inside a site (see [`gate`]), and when it does not, keeps it until the
//! gate opens. Keeping it is no matter of safety: the thread could go on, the breakpoints would hold it. But where more
//! threads want to run than there are processors, each must get one before it can answer, and a thread that waits gives
//! its processor to the next at once in place of using up its time slice.
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::{crash, futex, gate, signals, snapshot, thread};
use crate::arch::{self, Context};

/// Questions that can be open at the same time.
pub const OPEN_QUESTIONS: usize = 1024;

/// How long an answered thread is kept at most. A patch takes a fraction of this; when it does not, because one thread
/// cannot be reached, the others must not stand still with it.
const KEEP: Duration = Duration::from_millis(5);

const KEPT_OUTSIDE: u64 = 1;
const INSIDE: u64 = 2;
const GONE_ON: u64 = 3;

static ANSWERS: [AtomicU64; OPEN_QUESTIONS] = [const { AtomicU64::new(0) }; OPEN_QUESTIONS];
/// Where the threads that are kept stand: what [`Answer::Kept`] says, word by word.
static STANDS: [[AtomicU64; STAND]; OPEN_QUESTIONS] =
    [const { [const { AtomicU64::new(0) }; STAND] }; OPEN_QUESTIONS];
const STAND: usize = 6;
static ANSWERED: AtomicU32 = AtomicU32::new(0);
/// The count of answers at which the waiting applier is woken, and the word that it waits on.
static WANTED: AtomicU32 = AtomicU32::new(0);
static ENOUGH: AtomicU32 = AtomicU32::new(0);
static NEXT: AtomicU64 = AtomicU64::new(1);
static SIGNAL: AtomicI32 = AtomicI32::new(0);
static PREVIOUS: signals::Previous = signals::Previous::unset();

/// A question sent to one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The thread is outside and waits in the handler; `sp` is the stack that it was interrupted on, at `pc`.
    Kept {
        sp: usize,
        pc: usize,
        frame: Frame,
    },
    Inside,
    /// It has left the handler, so it can be anywhere.
    GoneOn,
}

/// What the kernel has put on the stack that a handler runs on: all registers of the thread, those of the vector unit too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Its first word. What lies below on the same stack is the handler's own.
    pub at: usize,
    /// Start and end of the alternate stack (sigaltstack(2)) that it is on; none if it is on the stack that the thread was
    /// interrupted on.
    pub alternate: Option<(usize, usize)>,
    /// Stands above the thread's stack in the same mapping, for a thread that the C library has made, and nowhere near the
    /// stacks of coroutines.
    pub thread_pointer: usize,
}

/// Signals that debuggers hand on without a word (gdb and lldb for the first two, gdb for the others), while they stop
/// the program for real-time signals.
const QUIET: [i32; 4] = [libc::SIGPROF, libc::SIGALRM, libc::SIGURG, libc::SIGIO];

/// How threads are asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Whoever has answered stays until the gate opens.
    pub hold: bool,
    /// By a signal for which debuggers do not stop the program.
    pub quiet: bool,
}

/// Whether an answered thread is kept until the gate opens.
static HOLD: AtomicBool = AtomicBool::new(false);

/// Picks the signal: a real-time signal that the program has left alone. Signals of the C library itself lie below
/// SIGRTMIN. From then on it is ours for good, since one may still be pending for a thread that blocks it.
///
/// With `quiet`, for a program in a debugger, it is one of [`QUIET`].
pub fn prepare(manner: Manner) -> std::io::Result<i32> {
    HOLD.store(manner.hold, Ordering::SeqCst);
    let signal = SIGNAL.load(Ordering::SeqCst);
    if signal != 0 && QUIET.contains(&signal) == manner.quiet && is_ours(signal) {
        return Ok(signal);
    }
    let free = |signal: &i32| {
        let is_default = |action: libc::sigaction| action.sa_sigaction == libc::SIG_DFL;
        is_ours(*signal) || signals::action(*signal).is_ok_and(is_default)
    };
    // Programs that use real-time signals count from either end; begin a little below the top.
    let mut real_time = (libc::SIGRTMIN()..=first_choice()).rev();
    let found = if manner.quiet {
        QUIET.into_iter().find(free)
    } else {
        real_time.find(free)
    };
    let signal = found.ok_or(std::io::ErrorKind::ResourceBusy)?;
    // No nesting: of two questions at once, the second would find the thread in the handler of the first, outside.
    signals::take(signal, on_question, &PREVIOUS, signals::Nesting::Others)?;
    SIGNAL.store(signal, Ordering::SeqCst);
    Ok(signal)
}

/// The signal that is ours when the program has left it alone.
pub fn first_choice() -> i32 {
    libc::SIGRTMAX() - 3
}

/// The signal that is ours at present; picks one when there is none.
pub fn signal() -> std::io::Result<i32> {
    match SIGNAL.load(Ordering::SeqCst) {
        0 => prepare(Manner::default()),
        signal => Ok(signal),
    }
}

fn is_ours(signal: i32) -> bool {
    signals::action(signal)
        .is_ok_and(|action| action.sa_sigaction == on_question as *const () as usize)
}

/// Sends a question to a thread of this process. None when it cannot be sent now: the thread is gone, or the queue of
/// pending signals is full.
pub fn ask(tid: i32) -> Option<Question> {
    let question = NEXT.fetch_add(1, Ordering::SeqCst);
    send(tid, question).then_some(Question(question))
}

/// Sends our signal with a value; false when that cannot be done now.
pub(super) fn send(tid: i32, value: u64) -> bool {
    let info = QueuedInfo {
        signal: SIGNAL.load(Ordering::SeqCst),
        errno: 0,
        code: libc::SI_QUEUE,
        _padding: 0,
        // SAFETY: neither can fail.
        pid: unsafe { libc::getpid() },
        uid: unsafe { libc::getuid() },
        value,
        _rest: [0; 12],
    };
    // SAFETY: the kernel reads 128 bytes of siginfo.
    let sent = unsafe {
        libc::syscall(
            libc::SYS_rt_tgsigqueueinfo,
            info.pid,
            tid,
            info.signal,
            std::ptr::from_ref(&info),
        )
    };
    sent == 0
}

pub fn answer(question: Question) -> Option<Answer> {
    let answer = slot(question.0)?.load(Ordering::SeqCst);
    match answer.checked_sub(question.0 << 2)? {
        KEPT_OUTSIDE => {
            let stand = STANDS.get(question.0 as usize % OPEN_QUESTIONS)?;
            let word = |word: &AtomicU64| word.load(Ordering::SeqCst) as usize;
            let [sp, pc, at, start, end, thread_pointer] = stand.each_ref().map(word);
            let alternate = (start != 0).then_some((start, end));
            let frame = Frame {
                at,
                alternate,
                thread_pointer,
            };
            Some(Answer::Kept { sp, pc, frame })
        }
        INSIDE => Some(Answer::Inside),
        GONE_ON => Some(Answer::GoneOn),
        _ => None,
    }
}

/// How many answers were ever given.
pub fn answered() -> u32 {
    ANSWERED.load(Ordering::SeqCst)
}

/// Waits until `wanted` answers were ever given, or for `patience`. Answers before the wanted one wake nobody.
pub fn wait_for_answers(wanted: u32, patience: Duration) {
    WANTED.store(wanted, Ordering::SeqCst);
    let enough = ENOUGH.load(Ordering::SeqCst);
    // In this order: the wanted answer either is seen here or changes the word after it was read.
    if (answered().wrapping_sub(wanted) as i32) < 0 {
        futex::wait(&ENOUGH, enough, Some(patience));
    }
}

fn slot(question: u64) -> Option<&'static AtomicU64> {
    ANSWERS.get(question as usize % OPEN_QUESTIONS)
}

unsafe extern "C" fn on_question(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    raw: *mut libc::c_void,
) {
    // SAFETY: called by the kernel as an SA_SIGINFO handler.
    let (mut context, code, pid, value) = unsafe {
        let info = &*info;
        (
            Context::of_handler(raw),
            info.si_code,
            info.si_pid(),
            info.si_value().sival_ptr as u64,
        )
    };
    // SAFETY: cannot fail.
    if code != libc::SI_QUEUE || pid != unsafe { libc::getpid() } {
        // SAFETY: the kernel's own arguments.
        return unsafe { PREVIOUS.call(signal, info, raw) };
    }
    context.restart_system_call();
    if snapshot::take(value, &context) || thread::keeping_errno(|| crash::take(value)) {
        return;
    }
    thread::keeping_errno(|| {
        let say = |answer: u64| {
            if let Some(slot) = slot(value) {
                slot.store(value << 2 | answer, Ordering::SeqCst);
            }
            let given = ANSWERED.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
            if given == WANTED.load(Ordering::SeqCst) {
                ENOUGH.fetch_add(1, Ordering::SeqCst);
                futex::wake_all(&ENOUGH);
            }
        };
        if gate::is_inside_site(context.pc()) {
            return say(INSIDE);
        }
        if let Some(phase) = gate::closed_phase() {
            if let Some(stand) = STANDS.get(value as usize % OPEN_QUESTIONS) {
                let at = context.address();
                let (start, end) = context.alternate_stack().unwrap_or_default();
                let own = arch::thread_pointer();
                let words = [context.sp(), context.pc(), at, start, end, own];
                for (to, word) in stand.iter().zip(words) {
                    to.store(word as u64, Ordering::SeqCst);
                }
            }
            say(KEPT_OUTSIDE);
            let hold = HOLD.load(Ordering::SeqCst);
            gate::wait(phase, (!hold).then_some(KEEP));
        }
        // No answer of its own: it takes back the one before.
        if let Some(slot) = slot(value) {
            slot.store(value << 2 | GONE_ON, Ordering::SeqCst);
        }
    });
}

/// `siginfo_t` of a queued signal, as the kernel lays it out for x86_64.
#[repr(C)]
struct QueuedInfo {
    signal: i32,
    errno: i32,
    code: i32,
    _padding: i32,
    pid: i32,
    uid: u32,
    value: u64,
    _rest: [u64; 12],
}

const _: () = assert!(size_of::<QueuedInfo>() == 128);
