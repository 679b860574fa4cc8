//! What the loader knows of its process: fixed facts, found once, and the patches that are live.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::edits::Edits;
use crate::old_values::Absent;
use crate::os::fork::Guarded;
use crate::os::host::Host;
use crate::os::landing::Landings;
use crate::os::mapping::{KeptMapping, Window};
use crate::os::memory::{Range, Territory};
use crate::os::{debugger, own_memory};

/// Found before `main`, unchanged after that.
#[derive(Debug)]
pub struct Process {
    pub socket: PathBuf,
    pub host: Host,
    /// None when every candidate was taken.
    pub window: Option<Window>,
    /// Names the image files of patches. A child keeps its parent's: a symbolizer may have taken over the names before
    /// the fork.
    pub first_pid: u32,
}

static PROCESS: OnceLock<Process> = OnceLock::new();

impl Process {
    /// The process, once [`crate::start`] has looked at it.
    pub fn get() -> Option<&'static Self> {
        PROCESS.get()
    }

    /// False when it was set before.
    pub fn set(self) -> bool {
        PROCESS.set(self).is_ok()
    }

    pub fn folder(&self) -> &Path {
        self.socket.parent().unwrap_or(Path::new("/"))
    }

    /// Where the image of the patch in a slot of the window is written for symbolizers.
    pub fn slot_file(&self, slot: usize) -> PathBuf {
        PathBuf::from(format!("{}{slot}.so", self.slot_files()))
    }

    /// What the names of those files begin with.
    pub fn slot_files(&self) -> String {
        let folder = self.folder().to_string_lossy();
        format!("{folder}/patch-{}-", self.first_pid)
    }

    /// The window's start relative to the load bias.
    pub fn window_offset(&self, window: &Window) -> i64 {
        window.start.wrapping_sub(self.host.bias) as i64
    }
}

/// A patch whose functions run.
pub struct LivePatch {
    pub id: u32,
    pub edits: Edits,
    /// What nothing may lead to when it is undone, if it has changed layouts; else nothing.
    pub absent: Vec<Absent>,
}

/// Where a patch lies.
pub struct PatchMemory {
    pub patch: u32,
    pub mapping: KeptMapping,
    /// Where the program may write in it, as addresses: its sections of mutable data.
    pub mutable: Vec<(usize, usize)>,
    /// Its constant parts are in the parking file.
    pub is_parked: bool,
}

/// What changes as patches come and go. No fork can find it half changed.
#[derive(Default)]
pub struct State {
    /// In the order in which they were applied.
    pub live: Vec<LivePatch>,
    /// Memory of all patches that ever were live: threads may be in the code of one that was undone.
    pub memory: Vec<PatchMemory>,
    pub landings: Landings,
    /// Bytes of the thread-local pool that were ever given out.
    pub thread_locals_used: u64,
}

pub static STATE: Guarded<State> = Guarded::new(State {
    live: Vec::new(),
    memory: Vec::new(),
    landings: Landings::none(),
    thread_locals_used: 0,
});

impl State {
    pub fn territory(&self, host: &Host) -> Territory {
        Territory::of_process(host, self.memory.iter().map(|patch| &patch.mapping))
            .with_landings(&self.landings)
    }

    /// The code of the program and of all patches.
    pub fn code<'a>(&'a self, host: &'a Host) -> impl Iterator<Item = &'a Range> {
        let patches = self
            .memory
            .iter()
            .flat_map(|patch| patch.mapping.segments());
        host.segments
            .iter()
            .chain(patches)
            .filter(|range| range.protection.is_executable())
    }

    /// Memory of the patches that are parked.
    pub fn parked(&self) -> impl Iterator<Item = Range> + '_ {
        let parked = self.memory.iter().filter(|memory| memory.is_parked);
        parked.flat_map(|memory| memory.mapping.segments().to_vec())
    }

    pub fn ids(&self) -> Vec<u32> {
        self.live.iter().map(|patch| patch.id).collect()
    }
}

impl PatchMemory {
    /// Start and end of what is as it was linked, between and around the mutable data.
    pub fn constants(&self) -> Vec<(usize, usize)> {
        let mut mutable = self.mutable.clone();
        mutable.sort_unstable();
        mutable.push((self.mapping.end, self.mapping.end));
        let mut constants = Vec::with_capacity(mutable.len());
        let mut at = self.mapping.start;
        for (start, end) in mutable {
            if at < start {
                constants.push((at, start));
            }
            at = at.max(end);
        }
        constants
    }
}

/// What is of the loader, or parked, is not the program's to hold anything. Locks the state.
pub fn not_the_programs() -> Vec<Range> {
    let mut ranges = own_memory::ranges();
    ranges.extend(debugger::files());
    let state = STATE.lock();
    ranges.extend(state.parked());
    // Where landings lead is said by their entries.
    ranges.extend_from_slice(state.landings.pages());
    ranges
}
