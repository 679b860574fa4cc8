//! The registers of threads that run, as they were at some moment, by a signal. Nobody is held.
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::stop;
use crate::arch::{Context, REGISTERS};

/// Marks the value of a signal that asks for a snapshot.
const MARK: u64 = 1 << 63;

/// Snapshots that can be asked for at the same time.
pub const OPEN_REQUESTS: usize = 64;

struct Answer {
    registers: [AtomicUsize; REGISTERS],
    sp: AtomicUsize,
    /// The request that was answered last.
    request: AtomicU64,
}

static ANSWERS: [Answer; OPEN_REQUESTS] = [const {
    Answer {
        registers: [const { AtomicUsize::new(0) }; REGISTERS],
        sp: AtomicUsize::new(0),
        request: AtomicU64::new(0),
    }
}; OPEN_REQUESTS];
static NEXT: AtomicU64 = AtomicU64::new(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request(u64);

#[derive(Debug, Clone, Copy)]
pub struct Snapshot {
    pub registers: [usize; REGISTERS],
    pub sp: usize,
    pub pc: usize,
}

/// Asks a thread of this process; [`stop::signal`] is the signal. None when it cannot be asked now.
pub fn ask(tid: i32) -> Option<Request> {
    let request = MARK | NEXT.fetch_add(1, Ordering::SeqCst);
    stop::send(tid, request).then_some(Request(request))
}

/// The answer, once it is there. At most [`OPEN_REQUESTS`] later requests may have been made.
pub fn answer(request: Request) -> Option<Snapshot> {
    let answer = slot(request.0)?;
    if answer.request.load(Ordering::SeqCst) != request.0 {
        return None;
    }
    let mut registers = [0; REGISTERS];
    for (to, from) in registers.iter_mut().zip(&answer.registers) {
        *to = from.load(Ordering::SeqCst);
    }
    let sp = answer.sp.load(Ordering::SeqCst);
    let pc = registers[REGISTERS - 1];
    Some(Snapshot { registers, sp, pc })
}

/// In the signal's handler: true when `value` asks for a snapshot, which then is taken.
pub(super) fn take(value: u64, context: &Context<'_>) -> bool {
    if value & MARK == 0 {
        return false;
    }
    if let Some(answer) = slot(value) {
        for (to, from) in answer.registers.iter().zip(context.registers()) {
            to.store(from, Ordering::SeqCst);
        }
        answer.sp.store(context.sp(), Ordering::SeqCst);
        answer.request.store(value, Ordering::SeqCst);
    }
    true
}

fn slot(request: u64) -> Option<&'static Answer> {
    ANSWERS.get((request & !MARK) as usize % OPEN_REQUESTS)
}
