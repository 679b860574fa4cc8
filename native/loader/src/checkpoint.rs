//! The checkpoint: every thread of the program is seen outside of the sites once while the gate is closed.
//!
//! One look at each is enough. The gate keeps threads from entering a site, so whoever was seen outside stays outside,
//! and a thread that is born meanwhile begins in the C library.
//!
//! A thread that waits in the kernel is looked at from outside (/proc/self/task/TID/syscall) and not disturbed: a signal
//! would cut its system call short. Only a thread that runs is asked by a signal. Between the look and the signal it
//! may have begun to wait; then SA_RESTART, or for the calls that it does not cover
//! [`crate::arch::Context::restart_system_call`], starts the call over.
//!
//! A thread in a signal handler of the program is also where that handler will return to, so its stack is searched for
//! signal frames ([`crate::os::stack`]), while it waits or is kept.
//!
//! Where more threads want to run than there are processors, this thread has to get by with little time: once it is
//! sent to the back of the queue, everybody waits for it. So all are asked first, and it sleeps until all have answered.
//!
//! In a debugger there are no breakpoints at the sites, because the debugger would stop for each. Then every thread is
//! asked, also one that waits, and stays in the signal's handler until the gate opens. A debugger makes system calls
//! fail with EINTR itself when it stops the program, and what can be started over is started over. The same is done when
//! all memory is to be searched while nobody changes it ([`crate::old_values`]).
//!
//! Nothing here allocates: a thread that is held may hold the allocator's lock.
#![forbid(unsafe_code)]

use std::time::Duration;

use crate::os::stack::Search;
use crate::os::stop::{self, Answer, Frame, Manner, Question};
use crate::os::tasks::{TaskFile, Tasks};
use crate::os::{gate, thread};
use crate::patience::Patience;
use crate::thread_state::{blocked_signals, blocks, place, place_in, Place, PLACE};

/// When a thread is not seen outside for this long, the patch is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// How soon a thread that does not answer is looked at again: it may have begun to wait.
const SECOND_LOOK: Duration = Duration::from_millis(1);

#[derive(Debug, Clone, Copy)]
struct Seen {
    tid: i32,
    state: State,
    /// The signals that it blocks, as far as they were asked for.
    blocked: Option<u64>,
    /// Where it was seen outside.
    stand: Option<Stand>,
}

/// Where a thread was when it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub tid: i32,
    pub pc: usize,
    pub sp: usize,
    /// Where the kernel has put its registers, if it is held in the handler of a signal.
    pub frame: Option<Frame>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Asked(Question),
    Outside,
}

/// Room for the threads that a checkpoint looks at, made before the gate is closed.
pub struct Checkpoint {
    tasks: Tasks,
    threads: Vec<Seen>,
    /// Where the threads that were known before the gate closed stand: opening these files takes most of a look.
    places: Vec<Option<TaskFile>>,
    stack: Search,
    own: i32,
    signal: i32,
    hold: bool,
}

/// Why a checkpoint failed: this thread was not seen outside in time.
#[derive(Debug, Clone, Copy)]
pub struct NotParked(pub i32);

impl Checkpoint {
    /// With `manner.hold` every thread is asked, also one that waits, and stays where it is until the gate opens.
    pub fn prepare(manner: Manner) -> std::io::Result<Self> {
        let signal = stop::prepare(manner)?;
        gate::prepare(signal)?;
        let tasks = Tasks::open()?;
        let mut count = 0;
        tasks.list(|_| count += 1)?;
        Ok(Self {
            tasks,
            // Twice as many and some more: threads may be born until the gate opens.
            threads: Vec::with_capacity(count * 2 + 1024),
            places: Vec::new(),
            stack: Search::prepare()?,
            own: thread::id(),
            signal,
            hold: manner.hold,
        })
    }

    /// The signal that asks threads.
    pub fn signal(&self) -> i32 {
        self.signal
    }

    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Adds the threads that are not known yet, all but the calling one; true when there were any. Fails when there are
    /// more than room was prepared for.
    fn list(&mut self) -> std::io::Result<bool> {
        let Self {
            tasks,
            threads,
            own,
            ..
        } = self;
        let before = threads.len();
        let mut full = false;
        tasks.list(|tid| {
            let known = tid == *own || threads.iter().any(|seen| seen.tid == tid);
            full |= !known && threads.len() == threads.capacity();
            if !known && !full {
                threads.push(Seen {
                    tid,
                    state: State::Unknown,
                    blocked: None,
                    stand: None,
                });
            }
        })?;
        if full {
            return Err(std::io::ErrorKind::OutOfMemory.into());
        }
        Ok(threads.len() > before)
    }

    /// Reads which signals the threads block; gives one that blocks `signal`. The threads are those of the first call:
    /// a program that creates threads all the time always has a new one, which blocks all signals for its first moment.
    pub fn find_blocking(&mut self, signal: i32) -> std::io::Result<Option<i32>> {
        if self.threads.is_empty() {
            self.list()?;
            let open = |seen: &Seen| self.tasks.open_file(seen.tid, PLACE);
            self.places = self.threads.iter().map(open).collect();
        }
        let Self { tasks, threads, .. } = self;
        let blocking = |seen: &Seen| seen.blocked.is_none_or(|set| blocks(set, signal));
        for seen in threads.iter_mut().filter(|seen| blocking(seen)) {
            // One that is gone blocks nothing.
            seen.blocked = Some(blocked_signals(tasks, seen.tid).unwrap_or(0));
        }
        Ok(threads
            .iter()
            .find(|seen| blocking(seen))
            .map(|seen| seen.tid))
    }

    /// Returns when every thread was seen outside of the sites. The gate must be closed and the breakpoints placed.
    pub fn pass(&mut self) -> Result<(), NotParked> {
        let mut patience = Patience::of(PATIENCE);
        loop {
            let answered = stop::answered();
            let mut open = 0;
            let mut late = None;
            for at in 0..self.threads.len() {
                let Some(seen) = self.threads.get(at).copied() else {
                    break;
                };
                let state = self.look(at, seen, open);
                if let Some(seen) = self.threads.get_mut(at) {
                    seen.state = state;
                }
                open += u32::from(matches!(state, State::Asked(_)));
                late = if state == State::Outside {
                    late
                } else {
                    Some(seen.tid)
                };
            }
            // Threads that were born since are listed when nobody else is waited for.
            if late.is_none() && matches!(self.list(), Ok(false)) {
                return Ok(());
            }
            if patience.is_over() {
                return Err(NotParked(late.unwrap_or(self.own)));
            }
            if open > 0 {
                stop::wait_for_answers(answered.wrapping_add(open), SECOND_LOOK);
            } else if late.is_some() {
                std::thread::sleep(Duration::from_micros(50));
            }
        }
    }

    fn look(&mut self, at: usize, seen: Seen, open: u32) -> State {
        let Seen { tid, state, .. } = seen;
        match state {
            State::Outside => return state,
            State::Asked(question) => match stop::answer(question) {
                Some(Answer::Inside | Answer::GoneOn) => return self.ask(seen),
                // The stack tells only as long as the thread stays where it is.
                Some(now @ Answer::Kept { sp, pc, frame }) => {
                    let outside = !self.stack.finds_return_into_site(sp)
                        && stop::answer(question) == Some(now);
                    let frame = Some(frame);
                    return self.seen(at, outside, Stand { tid, pc, sp, frame }, state);
                }
                None => {}
            },
            State::Unknown => {}
        }
        match self.place(at, tid) {
            // Where nothing else keeps threads from going on, a file that could not be opened is no proof.
            Place::Gone if !self.hold || self.tasks.has_ended(tid) => State::Outside,
            now @ Place::Waiting { pc, sp } if !self.hold => {
                let outside = !gate::is_inside_site(pc)
                    && !self.stack.finds_return_into_site(sp)
                    && self.place(at, tid) == now;
                let frame = None;
                self.seen(at, outside, Stand { tid, pc, sp, frame }, state)
            }
            _ if state == State::Unknown && open < stop::OPEN_QUESTIONS as u32 => self.ask(seen),
            _ => state,
        }
    }

    fn seen(&mut self, at: usize, outside: bool, stand: Stand, before: State) -> State {
        if !outside {
            return before;
        }
        if let Some(seen) = self.threads.get_mut(at) {
            seen.stand = Some(stand);
        }
        State::Outside
    }

    /// How many threads there can be.
    pub fn room(&self) -> usize {
        self.threads.capacity()
    }

    /// Where the threads were that have passed.
    pub fn stands(&self) -> impl Iterator<Item = Stand> + '_ {
        self.threads.iter().filter_map(|seen| seen.stand)
    }

    fn place(&self, at: usize, tid: i32) -> Place {
        match self.places.get(at) {
            Some(Some(file)) => place_in(file),
            _ => place(&self.tasks, tid),
        }
    }

    /// A thread that blocks the signal is not asked: it might take the signal by sigwait(3) and wonder.
    fn ask(&self, seen: Seen) -> State {
        let does_not_block = |set: &u64| !blocks(*set, self.signal);
        let known = seen.blocked.filter(does_not_block);
        let now = || blocked_signals(&self.tasks, seen.tid).filter(does_not_block);
        match known.or_else(now) {
            Some(_) => stop::ask(seen.tid).map_or(State::Unknown, State::Asked),
            None => State::Unknown,
        }
    }
}
