//! rustc is told its output folder as `/proc/self/fd/50`, see `executors/pipeline/capture/out-dir.ts`.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use command_fds::{CommandFdExt, FdMapping};

const DESCRIPTOR: i32 = 50;

/// Where the folder lies; `None` when the descriptor is not open.
pub fn path() -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{DESCRIPTOR}")).ok()
}

/// Opens the folder anew inside the namespace. The inherited descriptor belongs to a mount outside, and hard links do
/// not cross mounts: rustc would copy every object of every compile instead of linking it.
pub fn reopen(path: &Path, child: &mut Command) -> Result<(), String> {
    let folder = File::open(path)
        .map_err(|error| format!("{} cannot be opened: {error}", path.display()))?;
    child
        .fd_mappings(vec![FdMapping {
            parent_fd: OwnedFd::from(folder),
            child_fd: DESCRIPTOR,
        }])
        .map_err(|error| error.to_string())?;
    Ok(())
}
