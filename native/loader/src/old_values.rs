//! Whether a value of a layout that a patch changes can be alive, looked up in the process while nothing in it moves.
//!
//! # The theory
//! The engine says where a value of the old layout would show: in the code of the functions that have such values in their
//! frames or registers while they run, and in the tables (vtables) that an object of the type refers to. When no word of
//! the program leads into any of these ranges, no such function runs, none waits for one that it has called, nobody has a
//! pointer to one, and no object with such a table is left. A word is looked for as a garbage collector without knowledge
//! of types does it: whatever has the value of an address counts as one.
//!
//! - Every thread is held in a signal's handler ([`crate::checkpoint`]), so all its registers stand in the frame that the
//!   kernel has pushed, and on its stack is what it will return to. Other than in [`crate::reach`] nothing is moved from
//!   where nobody has looked to where somebody has.
//! - Looked at are the frame, the stack from its stack pointer up (with the red zone), and all other memory in which the
//!   program may have written: data, heap, mappings, mutable data of patches.
//! - Not looked at is what nobody but the linker has written: code, constants, and tables in memory that is read-only since
//!   the program was loaded or since a patch was. The engine knows what is in there. What the loader keeps for itself is
//!   not the program's.
//! - For code a word that is its end counts too if a call ends there: it is where a function that never returns would do so.
//!
//! # What it relies on
//! - A pointer is a word of 8 bytes at an address that is a multiple of 8. Packed structures are not seen.
//! - It is stored as it is. Pointers that the C library mangles (setjmp(3), atexit(3)), that the program hides in numbers,
//!   or compresses, are not seen, nor is what was handed to the kernel (handlers of signals, timers, epoll(7), io_uring(7))
//!   and is in no memory of the process.
//! - Memory that nobody can read now is not made readable again later to be used. Pages that are not mapped in and not
//!   swapped out hold nothing: of memory that is shared with a file or with other processes, that is not so if the kernel
//!   has taken pages back.
//! - What lies below a stack pointer is dead. Stacks are told by a guard below them or by the kernel; of any other, all is
//!   looked at.
//!
//! Words that are left over from before (in freed memory, in unused room of a frame, on the stack of a thread that has
//! ended) count as well. They make it refuse more, never less.
//!
//! # While threads are held
//! Any of them can hold the lock of the program's allocator, of the dynamic linker or of stdio, so between [`Search::run`]'s
//! beginning and its end nothing may be allocated or freed, not even from the loader's own heap: what does not fit in there
//! comes from the C library. All room is made by [`Search::prepare`], and what does not fit is a reason to refuse. Files
//! are read by plain system calls. Sorting is in place, and the sentence is made when the threads run again.
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use crate::arch::{self, JUMP, LONGEST_CALL, RED_ZONE};
use crate::checkpoint::{Checkpoint, Stand};
use crate::image::plan::{Kind, Plan};
use crate::load::absolute;
use crate::memory_map::{lines, Area, Pages, MAPS};
use crate::os::memory::{Territory, PAGE};
use crate::os::remote;
use crate::os::slots::SLOT;
use crate::os::tasks::Tasks;
use crate::patience::Patience;
use crate::process::{not_the_programs, Process, STATE};
use crate::refusal::{self, corrupt, Refusal};

/// A search that takes longer is given up: the program stands still meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes that are looked at together. From the loader's own heap.
const BATCH: usize = 128 << 10;
const WORD: usize = 8;

/// Room for text of the list of mappings, beside twice what it takes at present: the threads run on until they are held.
const MORE_MAPPINGS: usize = 1 << 20;

/// Memory, `end` excluded, that no word of the program may lead into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    pub name: String,
    pub meaning: Meaning,
    pub start: usize,
    pub end: usize,
}

/// What a word that leads there shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Code,
    Table,
    /// Anything in a patch's memory.
    Patch,
}

/// Whose values are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Old,
    New,
}

/// The ranges of a plan as addresses.
pub fn absent(
    process: &Process,
    plan: &Plan,
    territory: &Territory,
) -> Result<Vec<Absent>, Refusal> {
    let mut all = Vec::with_capacity(plan.absent.len());
    for range in &plan.absent {
        let no_range = || corrupt(format!("`{}` is no range of addresses", range.name));
        let start = absolute(process, range.start).ok_or_else(no_range)?;
        let end = absolute(process, range.end).ok_or_else(no_range)?;
        if start >= end {
            return Err(no_range());
        }
        let (meaning, end) = match range.kind {
            Kind::Code => (Meaning::Code, with_last_return(start, end, territory)),
            Kind::Table => (Meaning::Table, end),
        };
        let name = range.name.clone();
        all.push(Absent {
            name,
            meaning,
            start,
            end,
        });
    }
    Ok(all)
}

/// The end of a function, one further if it ends in a call: the return address is behind. When that cannot be told,
/// because a jump stands over it, it may.
fn with_last_return(start: usize, end: usize, territory: &Territory) -> usize {
    let mut last = [0; LONGEST_CALL];
    let at = end.checked_sub(LONGEST_CALL);
    let is_whole = at.is_some_and(|at| at >= start + JUMP && territory.read(at, &mut last));
    if is_whole && !arch::ends_in_call(&last) {
        end
    } else {
        end.saturating_add(1)
    }
}

/// What is to be looked for, and where not.
pub struct Question {
    absent: Vec<Absent>,
    layout: Layout,
    /// Start and end of memory that is not looked at.
    skipped: Vec<(usize, usize)>,
}

impl Question {
    /// Before a patch is applied that lies at `place`: its own tables lead wherever the engine had them lead. None when
    /// there is nothing to look for. Locks the state.
    pub fn before_apply(absent: &[Absent], place: Option<(usize, usize)>) -> Option<Self> {
        Self::about(absent.to_vec(), Layout::Old, place, extent(absent))
    }

    /// Before patch `patch` is undone that was applied with `absent`: its functions may have made values of the new
    /// layout, so nothing may lead into it either. None when it was applied without a search. Locks the state.
    pub fn before_undo(absent: &[Absent], patch: u32) -> Option<Self> {
        if absent.is_empty() {
            return None;
        }
        let place = STATE.lock().memory.iter().find_map(|memory| {
            let place = (memory.mapping.start, memory.mapping.end);
            (memory.patch == patch).then_some(place)
        });
        let mut all = absent.to_vec();
        all.extend(place.into_iter().flat_map(|place| within(patch, place)));
        Self::about(all, Layout::New, place, extent(absent))
    }

    fn about(
        absent: Vec<Absent>,
        layout: Layout,
        place: Option<(usize, usize)>,
        list: (usize, usize),
    ) -> Option<Self> {
        if absent.is_empty() {
            return None;
        }
        let not_theirs = not_the_programs();
        let not_theirs = not_theirs.iter().map(|range| (range.start, range.end));
        let mut skipped: Vec<_> = not_theirs.chain(place).chain([list]).collect();
        let state = STATE.lock();
        skipped.extend(state.memory.iter().flat_map(|memory| memory.constants()));
        // In the loader's heap unless they are long.
        skipped.extend(state.live.iter().map(|live| extent(&live.absent)));
        Some(Self {
            absent,
            layout,
            skipped,
        })
    }
}

/// The memory of a patch but for the beginnings of its slots: who lists the modules, as std does for a backtrace, keeps
/// those, and calls nothing there.
fn within(patch: u32, (start, end): (usize, usize)) -> impl Iterator<Item = Absent> {
    (start..end).step_by(SLOT).map(move |slot| Absent {
        name: format!("patch {patch}"),
        meaning: Meaning::Patch,
        start: slot + 1,
        end: end.min(slot + SLOT),
    })
}

/// A search, with all the room that it needs.
pub struct Search {
    absent: Vec<Absent>,
    layout: Layout,
    /// The same without names, ascending and apart from each other.
    wanted: Vec<(usize, usize)>,
    skipped: Vec<(usize, usize)>,
    threads: Vec<Stand>,
    maps: File,
    text: Vec<u8>,
    pages: Pages,
    buffer: Vec<u8>,
}

/// Why a patch cannot be applied.
#[derive(Debug)]
pub enum Finding {
    /// A word leads to a range.
    Word {
        word: usize,
        holder: Holder,
    },
    Unknown(Unknown),
}

/// Where a word was found.
#[derive(Debug)]
pub enum Holder {
    /// It is the place where the thread goes on.
    Pc(Who),
    /// On its stack or in another register.
    Thread(Who),
    Memory(usize),
}

/// A thread, named while it is held.
#[derive(Debug)]
pub struct Who {
    tid: i32,
    name: [u8; 16],
}

/// What is left open.
#[derive(Debug)]
pub enum Unknown {
    /// A thread is not held.
    Running(i32),
    /// There is no room for all threads or mappings.
    Room,
    /// A list of the kernel's.
    List(io::Error),
    /// Memory that cannot be read.
    Memory(usize),
    Time,
}

/// What ends the look at a piece of memory.
enum Stop {
    Word { at: usize, word: usize },
    Unknown(Unknown),
}

impl Search {
    /// Makes room for a search with `room` threads. `constants` are pages that are writable only for the patch.
    pub fn prepare(
        question: Question,
        constants: impl Iterator<Item = (usize, usize)>,
        room: usize,
    ) -> io::Result<Self> {
        let Question {
            absent,
            layout,
            mut skipped,
        } = question;
        let known = fs::read(MAPS)?.len();
        skipped.extend(constants);
        // One more for each thread, for its alternate stack, and one for each block below.
        skipped.reserve_exact(room + 7);
        let mut search = Self {
            wanted: merged(&absent),
            absent,
            layout,
            skipped,
            threads: Vec::with_capacity(room),
            maps: File::open(MAPS)?,
            text: vec![0; known * 2 + MORE_MAPPINGS],
            pages: Pages::open()?,
            buffer: vec![0; BATCH],
        };
        // They hold what is looked for, or copies of what is looked at.
        let blocks = [
            extent(&search.absent),
            extent(&search.wanted),
            room_of(&search.skipped),
            room_of(&search.threads),
            extent(&search.text),
            search.pages.buffer(),
            extent(&search.buffer),
        ];
        search.skipped.extend(blocks);
        Ok(search)
    }

    /// Looks at the whole process. Every thread but the calling one is held, and stays so until this returns.
    pub fn run(&mut self, checkpoint: &Checkpoint) -> Result<(), Finding> {
        let tasks = checkpoint.tasks();
        for stand in checkpoint.stands() {
            self.add(stand).map_err(Finding::Unknown)?;
            if self.is_wanted(stand.pc) {
                let holder = Holder::Pc(who(tasks, stand.tid));
                let word = stand.pc;
                return Err(Finding::Word { word, holder });
            }
        }
        self.skipped.sort_unstable();
        let length = self.read_maps().map_err(Finding::Unknown)?;
        // Taken for the moment, so that it can be read beside the rest. An empty one takes no memory.
        let text = std::mem::take(&mut self.text);
        let result = self.look_at_all(text.get(..length).unwrap_or_default(), tasks);
        self.text = text;
        result
    }

    /// Stacks come first: a thread says more than an address.
    fn look_at_all(&mut self, maps: &[u8], tasks: &Tasks) -> Result<(), Finding> {
        let mut patience = Patience::of(PATIENCE);
        for of_threads in [true, false] {
            for area in lines(maps) {
                let not_understood = || io::Error::from(io::ErrorKind::InvalidData);
                let area = area.ok_or_else(|| Finding::Unknown(Unknown::List(not_understood())))?;
                let is_of_thread = self.threads.iter().any(|stand| is_in(stand, &area));
                if !area.may_hold_words() || is_of_thread != of_threads {
                    continue;
                }
                match self.look_at(&area, &mut patience) {
                    Ok(()) => {}
                    Err(Stop::Unknown(unknown)) => return Err(Finding::Unknown(unknown)),
                    Err(Stop::Word { at, word }) => {
                        let owner = self.owner(at, &area);
                        let holder =
                            owner.map_or(Holder::Memory(at), |tid| Holder::Thread(who(tasks, tid)));
                        return Err(Finding::Word { word, holder });
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, stand: Stand) -> Result<(), Unknown> {
        let frame = stand.frame.ok_or(Unknown::Running(stand.tid))?;
        let is_full = self.threads.len() == self.threads.capacity()
            || self.skipped.len() == self.skipped.capacity();
        if is_full {
            return Err(Unknown::Room);
        }
        self.threads.push(stand);
        // Below the frame is the handler that holds it.
        let handlers = frame.alternate.map(|(start, _)| (start, frame.at));
        self.skipped.extend(handlers);
        Ok(())
    }

    /// The list of mappings as it is by now; gives its length.
    fn read_maps(&mut self) -> Result<usize, Unknown> {
        let mut length = 0;
        loop {
            let rest = self.text.get_mut(length..).unwrap_or_default();
            if rest.is_empty() {
                return Err(Unknown::Room);
            }
            match self.maps.read_at(rest, length as u64) {
                Ok(0) => return Ok(length),
                Ok(read) => length += read,
                Err(error) => return Err(Unknown::List(error)),
            }
        }
    }

    fn look_at(&mut self, area: &Area<&[u8]>, patience: &mut Patience) -> Result<(), Stop> {
        let live = self.threads.iter().filter_map(|stand| live(stand, area));
        let mut at = match live.min() {
            Some(lowest) if area.is_stack() => lowest,
            _ => area.start,
        };
        for next in 0..self.skipped.len() {
            let Some((from, to)) = self.skipped.get(next).copied() else {
                break;
            };
            if from >= area.end {
                break;
            }
            if from > at {
                self.read(at, from, patience)?;
            }
            at = at.max(to);
        }
        if at < area.end {
            self.read(at, area.end, patience)?;
        }
        Ok(())
    }

    /// Looks at every word between two addresses that has contents.
    fn read(&mut self, start: usize, end: usize, patience: &mut Patience) -> Result<(), Stop> {
        let Self {
            pages,
            buffer,
            wanted,
            ..
        } = self;
        let mut result = Ok(());
        let listed = pages.each_run(start & !(WORD - 1), end, |from, to| {
            result = scan(from, to, wanted, buffer, patience);
            result.is_ok()
        });
        listed.map_err(|error| Stop::Unknown(Unknown::List(error)))?;
        result
    }

    fn is_wanted(&self, word: usize) -> bool {
        is_in_any(&self.wanted, word)
    }

    /// The thread on whose stack, or in whose registers, the word at `at` stands.
    fn owner(&self, at: usize, area: &Area<&[u8]>) -> Option<i32> {
        let on_alternate = |stand: &&Stand| {
            let alternate = stand.frame.and_then(|frame| frame.alternate);
            alternate.is_some_and(|(start, end)| (start..end).contains(&at))
        };
        let on_own = |stand: &Stand| Some((live(stand, area).filter(|low| *low <= at)?, stand.tid));
        let alternate = self.threads.iter().find(on_alternate);
        alternate
            .map(|stand| stand.tid)
            .or_else(|| Some(self.threads.iter().filter_map(on_own).max()?.1))
    }

    /// The answer to the session. Only when the threads run again: it allocates.
    pub fn explain(&self, finding: &Finding) -> Refusal {
        match finding {
            Finding::Unknown(unknown) => refusal::not_searched(unknown.text()),
            Finding::Word { word, holder } => {
                let holds = |one: &&Absent| (one.start..one.end).contains(word);
                // There is one: it was merged from these.
                self.absent.iter().find(holds).map_or_else(
                    || refusal::not_searched("a range has no name"),
                    |absent| {
                        refusal::old_values(&absent.name, self.sentence(absent, *word, holder))
                    },
                )
            }
        }
    }

    fn sentence(&self, absent: &Absent, word: usize, holder: &Holder) -> String {
        let layout = match self.layout {
            Layout::Old => "old",
            Layout::New => "new",
        };
        let name = match absent.meaning {
            Meaning::Patch => absent.name.clone(),
            _ => format!("`{}`", absent.name),
        };
        let place = match holder {
            Holder::Pc(who) | Holder::Thread(who) => format!("on the stack of {}", who.text()),
            Holder::Memory(at) => format!("in the program's memory at {at:#x}"),
        };
        // What a call returns to is never the first instruction of a function.
        let is_pointer = word == absent.start && absent.meaning == Meaning::Code;
        match (absent.meaning, holder) {
            (Meaning::Table, _) => {
                format!(
                    "An object with the vtable {name} may be {place}, with the {layout} layout."
                )
            }
            (_, Holder::Thread(who)) if is_pointer => format!(
                "A pointer to {name} is held by {}, so values of the {layout} layout may be alive.",
                who.text()
            ),
            (_, Holder::Pc(who) | Holder::Thread(who)) => format!(
                "{name} is running in {}, and may hold values of the {layout} layout.",
                who.text()
            ),
            (_, Holder::Memory(_)) => format!(
                "A pointer to {name} is {place}, so values of the {layout} layout may be alive."
            ),
        }
    }
}

impl Unknown {
    fn text(&self) -> String {
        match self {
            Self::Running(tid) => format!("thread {tid} could not be held"),
            Self::Room => "it has more threads or mappings by now than room was made for".into(),
            Self::List(error) => format!("the system does not say what is in memory ({error})"),
            Self::Memory(at) => format!("the memory at {at:#x} cannot be read"),
            Self::Time => format!("the search takes more than {} s", PATIENCE.as_secs()),
        }
    }
}

impl Who {
    fn text(&self) -> String {
        let name = String::from_utf8_lossy(&self.name);
        let name = name.trim_end_matches(|c: char| c == '\0' || c.is_whitespace());
        format!("{name} ({})", self.tid)
    }
}

fn who(tasks: &Tasks, tid: i32) -> Who {
    let mut name = [0; 16];
    let _ = tasks.read(tid, "comm", &mut name);
    Who { tid, name }
}

/// Meets every word between two addresses.
fn scan(
    mut at: usize,
    to: usize,
    wanted: &[(usize, usize)],
    buffer: &mut [u8],
    patience: &mut Patience,
) -> Result<(), Stop> {
    let low = wanted.first().map_or(0, |first| first.0);
    let high = wanted.last().map_or(0, |last| last.1);
    while at < to {
        if patience.is_over() {
            return Err(Stop::Unknown(Unknown::Time));
        }
        // A part of a word at the end is the beginning of something that is skipped.
        let length = BATCH.min(to - at);
        let part = buffer.get_mut(..length).unwrap_or_default();
        let read = remote::read(at, part);
        if read == 0 || (read < length && !(at + read).is_multiple_of(PAGE)) {
            return Err(Stop::Unknown(Unknown::Memory(at + read)));
        }
        let words = part.get(..read).unwrap_or_default().chunks_exact(WORD);
        for (index, word) in words.enumerate() {
            let word = word.try_into().map_or(0, usize::from_le_bytes);
            if (low..high).contains(&word) && is_in_any(wanted, word) {
                let at = at + index * WORD;
                return Err(Stop::Word { at, word });
            }
        }
        at += read;
    }
    Ok(())
}

/// Whether one of `ranges`, ascending and apart, holds `word`.
fn is_in_any(ranges: &[(usize, usize)], word: usize) -> bool {
    let after = ranges.partition_point(|(start, _)| *start <= word);
    let before = after.checked_sub(1).and_then(|at| ranges.get(at));
    before.is_some_and(|(_, end)| word < *end)
}

fn merged(absent: &[Absent]) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = absent.iter().map(|one| (one.start, one.end)).collect();
    all.sort_unstable();
    all.dedup_by(|next, before| {
        let touches = next.0 <= before.1;
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    all
}

/// Whether the stack of a thread, or its frame, is in `area`.
fn is_in(stand: &Stand, area: &Area<&[u8]>) -> bool {
    area.contains(stand.sp) || stand.frame.is_some_and(|frame| area.contains(frame.at))
}

/// The lowest word in `area` that is live on the stack of a thread, if its stack pointer is there: that of the frame, when
/// the kernel has pushed it on the same stack.
fn live(stand: &Stand, area: &Area<&[u8]>) -> Option<usize> {
    if !area.contains(stand.sp) {
        return None;
    }
    let is_below = |at: &usize| area.contains(*at) && *at < stand.sp;
    let frame = stand.frame.filter(|frame| frame.alternate.is_none());
    let frame = frame.map(|frame| frame.at).filter(is_below);
    let low = frame.unwrap_or_else(|| stand.sp.saturating_sub(RED_ZONE));
    Some(low.max(area.start) & !(WORD - 1))
}

/// Start and end of what a slice takes.
fn extent<T>(slice: &[T]) -> (usize, usize) {
    let range = slice.as_ptr_range();
    (range.start as usize, range.end as usize)
}

/// Start and end of what a list takes, with the room that is not in use yet.
fn room_of<T>(list: &Vec<T>) -> (usize, usize) {
    let start = list.as_ptr() as usize;
    (start, start + list.capacity() * size_of::<T>())
}
