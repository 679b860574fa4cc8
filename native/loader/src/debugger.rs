//! Debuggers learn of a patch: its symbols, line tables and unwind tables, at the addresses where it lies.
//!
//! They are told when it is loaded, before anything leads into it: breakpoints by name or line are in the new code when
//! the first thread arrives there.
#![forbid(unsafe_code)]

use std::path::Path;

use crate::image::symbol_file;
use crate::os::debugger;

/// A patch that debuggers know of, by its first address. They forget it when this is dropped.
pub struct Announced(Option<usize>);

impl Announced {
    /// Tells of the patch in memory at `start` that was read from `image`. An image without usable symbols is not told
    /// of: the patch runs all the same. `folder` is where the debugger's copy is kept, without a name.
    pub fn announce(start: usize, image: &[u8], folder: &Path) -> Self {
        let file = symbol_file::at(start as u64, image);
        let told = file.is_some_and(|file| debugger::register(start, &file, folder).is_ok());
        Self(told.then_some(start))
    }

    /// Keeps it until [`forget`].
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        if let Some(start) = self.0 {
            debugger::unregister(start);
        }
    }
}

/// Whether a debugger (or another tracer) holds the process now, by /proc/self/status (proc(5)).
///
/// It is shown every signal that a thread takes before the thread is. SIGTRAP it takes for its own breakpoint's, stops
/// the program and, by default, never hands it on: then nothing must be replaced by way of breakpoints.
pub fn is_attached() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|pid| pid.trim() != "0")
}

/// Debuggers forget the patch that starts at `start`: for one whose code is given back. Not to be called while the state
/// is locked.
pub fn forget(start: usize) {
    debugger::unregister(start);
}
