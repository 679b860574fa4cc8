//! A file descriptor table of the loader's own.
//!
//! The program may rely on descriptor numbers (`close(0); open(…)`, `closefrom(3)`), and may close what it did not open.
//! With a table of its own the loader's thread neither takes numbers away from the program, nor loses its socket to it,
//! nor keeps the program's pipes open; and what the program forks or executes inherits nothing of it.
use std::fs;

const CLOSE_RANGE: libc::c_long = 436;

/// Gives the calling thread a table of its own, empty. False when that is not allowed (a container may forbid
/// unshare(2)): the thread then shares the program's table, as any thread does.
pub fn separate() -> bool {
    // SAFETY: affects the calling thread's view of descriptors only, and this thread holds none yet.
    if unsafe { libc::unshare(libc::CLONE_FILES) } != 0 {
        return false;
    }
    // SAFETY: the copies in this table belong to nobody; the program's own table is another.
    if unsafe { libc::syscall(CLOSE_RANGE, 0, u32::MAX, 0) } != 0 {
        close_listed();
    }
    true
}

/// For kernels before 5.9.
fn close_listed() {
    let Ok(entries) = fs::read_dir("/proc/thread-self/fd") else {
        return;
    };
    let open: Vec<i32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    for descriptor in open {
        // SAFETY: as above; the folder's own descriptor is closed already, which close(2) reports and nothing else.
        unsafe { libc::close(descriptor) };
    }
}
