//! Apply: all entries of a patch change over in one step, while the program runs.
//!
//! # The problem
//! A redirected function gets `jmp rel32`, five bytes, over its entry. Those are several instructions of the old code,
//! which other threads may be executing. Two things must not happen: a processor must not execute a mixture of old and
//! new bytes, and a thread must not go on in the middle of the jump.
//!
//! # The method
//! The kernel's own for its own code (text_poke_bp), carried to user space:
//! 1. Close the gate ([`crate::os::gate`]) and put a breakpoint, one byte, over the first byte of every entry. A one-byte
//!    store cannot tear, and `int3` is the instruction for which vendors promise that this works on code in use
//!    (Intel SDM vol. 3, 8.1.3, and erratum "Unsynchronized Cross-Modifying Code"). A membarrier with SYNC_CORE makes
//!    every processor see it. From here on nobody passes an entry: who comes waits in the trap's handler. So no thread
//!    runs an old function beside a new one either.
//! 2. See every thread outside of the entries once ([`crate::checkpoint`]). Together with 1, no thread is or comes
//!    inside of an entry's bytes.
//! 3. Bring constants up to date.
//! 4. Write the jumps but their first bytes; membarrier; write the first bytes; membarrier. Nobody executes an entry
//!    between the two barriers but a breakpoint.
//! 5. Open the gate: who waited goes back to the entry, and finds the jump.
//!
//! A failure in 1 or 2 puts the first bytes back and opens the gate: the program has noticed nothing but a pause.
//!
//! # In a debugger
//! A breakpoint of ours would stop the program in the debugger, which by default does not hand the signal on. So none is
//! placed: every thread is held outside of the entries until all is written.
//!
//! # Where layouts change
//! Every thread is held then, too, whether it runs or waits, and between 2 and 3 all memory is searched for what would
//! lead to values of the old layout ([`crate::old_values`]). What is found there is a failure like one in 2.
//!
//! # What it relies on
//! - The engine: nothing but straight execution arrives at bytes 1 to 4 of an entry, no branch and no return.
//! - A thread takes SIGTRAP. One that blocks it would be ended by the kernel at a breakpoint, so that is looked at
//!   first. A thread that blocks SIGTRAP in the very moment of the patch and then enters a function of it is not
//!   covered, neither is a signal handler that blocks it and calls such a function at that moment.
//! - A thread goes on at its pc, or, out of a signal handler, where the frames of the C library say.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

use crate::arch::BREAKPOINT;
use crate::checkpoint::{Checkpoint, NotParked};
use crate::debugger;
use crate::edits::{Edits, Entry};
use crate::old_values::{Finding, Question, Search};
use crate::os::memory::{OpenPages, Territory};
use crate::os::stop::Manner;
use crate::os::{gate, membarrier};
use crate::refusal::{self, Refusal};
use crate::thread_state::name;

const SIGTRAP: i32 = 5;

/// The C library blocks all signals for moments (pthread_create, posix_spawn); such a moment is waited for.
const MOMENT: Duration = Duration::from_millis(50);

/// A thread that was held blocks the signal by which it was asked until it has left the handler, which can take its time
/// where more threads want to run than there are processors.
const WAY_OUT: Duration = Duration::from_secs(2);

/// Everything that can be made ready before the program notices anything.
pub struct Transaction<'a> {
    edits: &'a Edits,
    checkpoint: Checkpoint,
    pages: OpenPages,
    sites: Vec<usize>,
    /// Looks for values of a layout that changes.
    search: Option<Search>,
    /// Threads are held, and no breakpoints placed.
    hold: bool,
}

/// A transaction that is done.
pub struct ChangedOver {
    /// The longest time that a thread waited.
    pub pause_ns: u64,
    /// Where the threads were at that moment.
    pub checkpoint: Checkpoint,
}

/// A transaction that was taken back. Why is put into words later, because that allocates.
pub struct TakenBack {
    failure: Failure,
    checkpoint: Checkpoint,
    search: Option<Search>,
}

enum Failure {
    NotParked(NotParked),
    OldValues(Finding),
}

impl TakenBack {
    /// Whether another attempt can find it otherwise: values that were there go, while what is unknown stays so.
    pub fn may_pass(&self) -> bool {
        matches!(self.failure, Failure::OldValues(Finding::Word { .. }))
    }

    pub fn explain(&self) -> Refusal {
        match (&self.failure, &self.search) {
            (Failure::OldValues(finding), Some(search)) => search.explain(finding),
            (Failure::OldValues(_), None) => refusal::not_searched("nothing was searched"),
            (Failure::NotParked(thread), _) => {
                refusal::not_parked(&name(self.checkpoint.tasks(), thread.0))
            }
        }
    }
}

impl<'a> Transaction<'a> {
    /// Checks that the old bytes are there, that no thread blocks the signal that is needed, and opens the pages. With a
    /// `question` nothing is changed unless the answer is no.
    pub fn prepare(
        edits: &'a Edits,
        territory: &Territory,
        question: Option<Question>,
    ) -> Result<Self, Refusal> {
        let quiet = debugger::is_attached();
        let hold = quiet || question.is_some();
        verify(edits, territory, quiet)?;
        membarrier::register();
        let signals = |error| refusal::memory("the program's signal handlers", &error);
        let mut checkpoint = Checkpoint::prepare(Manner { hold, quiet }).map_err(signals)?;
        let is_asked = question.is_some() || !edits.entries.is_empty();
        if is_asked && hold {
            let signal = checkpoint.signal();
            if let Some(tid) = find_blocking(&mut checkpoint, signal, WAY_OUT)? {
                let who = name(checkpoint.tasks(), tid);
                return Err(refusal::cannot_be_held(&who, signal));
            }
        } else if is_asked {
            if let Some(tid) = find_blocking(&mut checkpoint, SIGTRAP, MOMENT)? {
                return Err(refusal::blocks_signals(&name(checkpoint.tasks(), tid)));
            }
        }
        let pages = OpenPages::open(territory, edits.places())
            .map_err(|error| refusal::memory("the program's code", &error))?;
        let room = checkpoint.room();
        let search = question.map(|question| Search::prepare(question, pages.constants(), room));
        let search = search.transpose().map_err(refusal::not_searched)?;
        let sites = edits.entries.iter().map(|entry| entry.at).collect();
        Ok(Self {
            edits,
            checkpoint,
            pages,
            sites,
            search,
            hold,
        })
    }

    /// Changes over. Between the closing and the opening of
    /// the gate nothing allocates or takes a lock that the program could hold. The caller keeps the program from
    /// forking: a child would have breakpoints and nobody to take them away.
    pub fn run(mut self) -> Result<ChangedOver, Box<TakenBack>> {
        let gate = gate::close(std::mem::take(&mut self.sites));
        if !self.hold {
            self.store_first_bytes(|_| BREAKPOINT);
            membarrier::sync_cores();
        }
        if let Err(failure) = self.change() {
            if !self.hold {
                self.store_first_bytes(|entry| entry.old[0]);
                membarrier::sync_cores();
            }
            drop(gate);
            return Err(Box::new(TakenBack {
                failure,
                checkpoint: self.checkpoint,
                search: self.search,
            }));
        }
        for entry in &self.edits.entries {
            for ((at, byte), old) in (entry.at..).zip(entry.new).zip(entry.old).skip(1) {
                if byte != old {
                    self.pages.store_byte(at, byte);
                }
            }
        }
        membarrier::sync_cores();
        self.store_first_bytes(|entry| entry.new[0]);
        membarrier::sync_cores();
        Ok(ChangedOver {
            pause_ns: gate.open(),
            checkpoint: self.checkpoint,
        })
    }

    fn store_first_bytes(&self, byte: impl Fn(&Entry) -> u8) {
        for entry in &self.edits.entries {
            // Where a debugger may have a breakpoint, nothing is written that is there already.
            if !(self.hold && entry.old == entry.new) {
                self.pages.store_byte(entry.at, byte(entry));
            }
        }
    }

    /// The part that can fail comes first, so that nothing but breakpoints must be taken back.
    fn change(&mut self) -> Result<(), Failure> {
        if self.search.is_some() || !self.edits.entries.is_empty() {
            self.checkpoint.pass().map_err(Failure::NotParked)?;
        }
        if let Some(search) = &mut self.search {
            search.run(&self.checkpoint).map_err(Failure::OldValues)?;
        }
        for word in &self.edits.words {
            self.pages.store_in_word(word.at, &word.new);
        }
        Ok(())
    }
}

/// A debugger's breakpoint is looked through where it is not written over.
fn verify(edits: &Edits, territory: &Territory, attached: bool) -> Result<(), Refusal> {
    let entries = edits
        .entries
        .iter()
        .map(|entry| (entry.at, entry.old.as_slice(), entry.new.as_slice()));
    let words = edits
        .words
        .iter()
        .map(|word| (word.at, word.old.as_slice(), word.new.as_slice()));
    for (at, old, new) in entries.chain(words) {
        let mut now = [0; 8];
        let now = &mut now[..old.len()];
        let is_there = |((now, old), new): ((&u8, &u8), &u8)| {
            now == old || (attached && old == new && *now == BREAKPOINT)
        };
        if !territory.read(at, now) || !now.iter().zip(old).zip(new).all(is_there) {
            return Err(refusal::foreign(
                &format!("{at:#x}"),
                format_args!("other bytes than expected stand at {at:#x}"),
            ));
        }
    }
    Ok(())
}

/// A thread that blocks `signal` for longer than `patience`.
fn find_blocking(
    checkpoint: &mut Checkpoint,
    signal: i32,
    patience: Duration,
) -> Result<Option<i32>, Refusal> {
    let deadline = Instant::now() + patience;
    loop {
        let blocking = checkpoint
            .find_blocking(signal)
            .map_err(|error| refusal::memory("the list of threads", &error))?;
        if blocking.is_none() || Instant::now() > deadline {
            return Ok(blocking);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
