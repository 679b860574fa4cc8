//! What a search has found, and how it is said.
#![forbid(unsafe_code)]

use std::io;

use super::question::{Absent, Layout, Meaning};
use super::search::PATIENCE;
use crate::os::tasks::Tasks;
use crate::refusal::{self, Refusal};

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

impl Finding {
    /// The answer to the session. Only when the threads run again: it allocates.
    pub(super) fn explain(&self, absent: &[Absent], layout: Layout) -> Refusal {
        match self {
            Self::Unknown(unknown) => refusal::not_searched(unknown.text()),
            Self::Word { word, holder } => {
                let holds = |one: &&Absent| (one.start..one.end).contains(word);
                // There is one: what is looked for was made from these.
                absent.iter().find(holds).map_or_else(
                    || refusal::not_searched("a range has no name"),
                    |one| refusal::old_values(&one.name, sentence(one, layout, *word, holder)),
                )
            }
        }
    }
}

fn sentence(absent: &Absent, layout: Layout, word: usize, holder: &Holder) -> String {
    let layout = match layout {
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
            format!("A pointer that leads to {name} is {place}, so values of the {layout} layout may be alive.")
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
    /// Reads its name. Does not allocate.
    pub(super) fn of(tasks: &Tasks, tid: i32) -> Self {
        let mut name = [0; 16];
        let _ = tasks.read(tid, "comm", &mut name);
        Self { tid, name }
    }

    fn text(&self) -> String {
        let name = String::from_utf8_lossy(&self.name);
        let name = name.trim_end_matches(|c: char| c == '\0' || c.is_whitespace());
        format!("{name} ({})", self.tid)
    }
}
