//! What the loader knows of its process: fixed facts, found once, and the patches that are live.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::edits::Edits;
use crate::os::fork::Guarded;
use crate::os::host::Host;
use crate::os::landing::Landings;
use crate::os::mapping::{KeptMapping, Window};
use crate::os::memory::{Range, Territory};

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
}

/// Where a patch lies.
pub struct PatchMemory {
    pub patch: u32,
    pub mapping: KeptMapping,
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

    pub fn ids(&self) -> Vec<u32> {
        self.live.iter().map(|patch| patch.id).collect()
    }
}
