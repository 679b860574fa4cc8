//! The GDB JIT interface, by which gdb and lldb learn of code that no dynamic linker has loaded ("JIT Compilation
//! Interface" in gdb's manual): a list of symbol files in memory, and a function in which the debugger has a breakpoint
//! of its own while it is attached. One that attaches later walks the list.
use std::cell::UnsafeCell;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr;

use super::files;
use super::fork::Guarded;
use super::memory::{Protection, Range};

/// `struct jit_code_entry`.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    previous: *mut Entry,
    file: *const u8,
    size: u64,
}

/// `struct jit_descriptor`.
#[repr(C)]
pub struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

const NO_ACTION: u32 = 0;
const REGISTER: u32 = 1;
const UNREGISTER: u32 = 2;

#[repr(transparent)]
pub struct Shared(UnsafeCell<Descriptor>);

// SAFETY: changed by the holder of ENTRIES alone; debuggers read it while the process stands still.
unsafe impl Sync for Shared {}

/// Debuggers know it by this name.
#[no_mangle]
#[used]
#[allow(non_upper_case_globals)]
pub static __jit_debug_descriptor: Shared = Shared(UnsafeCell::new(Descriptor {
    version: 1,
    action: NO_ACTION,
    relevant: ptr::null_mut(),
    first: ptr::null_mut(),
}));

/// Debuggers stop here, by this name, and look at the descriptor.
#[no_mangle]
#[inline(never)]
pub extern "C" fn __jit_debug_register_code() {
    // SAFETY: no instruction; it keeps the call from being optimised away.
    unsafe { std::arch::asm!("", options(nostack, preserves_flags)) };
}

/// The entries by the address of the code that they describe. No fork finds them, or the list, half changed.
static ENTRIES: Guarded<Vec<(usize, Listed)>> = Guarded::new(Vec::new());

struct Listed(*mut Entry);

// SAFETY: the entry is reached through ENTRIES alone.
unsafe impl Send for Listed {}

/// Shows `file`, which describes the code at `start`, to debuggers. Its bytes go to an unlinked file in `folder`, so
/// that they take no memory before a debugger reads them; into memory when that cannot be.
pub fn register(start: usize, file: &[u8], folder: &Path) -> io::Result<()> {
    let memory = match files::unlinked(file, folder) {
        Ok(backing) => map(file.len(), Some(&backing))?,
        Err(_) => {
            let memory = map(file.len(), None)?;
            // SAFETY: mapped writable with this size, and known to nobody else.
            unsafe {
                ptr::copy_nonoverlapping(file.as_ptr(), memory.cast_mut(), file.len());
            }
            memory
        }
    };
    let mut entries = ENTRIES.lock();
    change(|descriptor| {
        let entry = Box::into_raw(Box::new(Entry {
            next: descriptor.first,
            previous: ptr::null_mut(),
            file: memory,
            size: file.len() as u64,
        }));
        // SAFETY: entries of the list live until they are taken from it.
        if let Some(next) = unsafe { descriptor.first.as_mut() } {
            next.previous = entry;
        }
        descriptor.first = entry;
        entries.push((start, Listed(entry)));
        (REGISTER, entry)
    });
    Ok(())
}

/// Where the files are that debuggers are shown.
pub fn files() -> Vec<Range> {
    let entries = ENTRIES.lock();
    let range = |(_, Listed(entry)): &(usize, Listed)| {
        // SAFETY: an entry of the list lives until it is taken from it, which the lock keeps others from.
        let (file, size) = unsafe { ((**entry).file as usize, (**entry).size as usize) };
        Range {
            start: file,
            end: file + size,
            protection: Protection::READ,
        }
    };
    entries.iter().map(range).collect()
}

/// Takes away what was registered for the code at `start`, if anything was.
pub fn unregister(start: usize) {
    let mut entries = ENTRIES.lock();
    let Some(at) = entries.iter().position(|(code, _)| *code == start) else {
        return;
    };
    let (_, Listed(entry)) = entries.swap_remove(at);
    change(|descriptor| {
        // SAFETY: as in `register`.
        unsafe {
            let (next, previous) = ((*entry).next, (*entry).previous);
            if let Some(next) = next.as_mut() {
                next.previous = previous;
            }
            match previous.as_mut() {
                Some(previous) => previous.next = next,
                None => descriptor.first = next,
            }
        }
        (UNREGISTER, entry)
    });
    // SAFETY: made by `register`, off the list, and no debugger looks at it after the notice.
    unsafe {
        let entry = Box::from_raw(entry);
        libc::munmap(entry.file.cast_mut().cast(), entry.size as usize);
    }
}

/// Changes the list and tells the debugger what was changed. ENTRIES must be held.
fn change(edit: impl FnOnce(&mut Descriptor) -> (u32, *mut Entry)) {
    let descriptor = __jit_debug_descriptor.0.get();
    // SAFETY: the holder of ENTRIES is the only one that changes it.
    unsafe { ((*descriptor).action, (*descriptor).relevant) = edit(&mut *descriptor) };
    with_traps(|| __jit_debug_register_code());
    // SAFETY: as above.
    unsafe { ((*descriptor).action, (*descriptor).relevant) = (NO_ACTION, ptr::null_mut()) };
}

/// Runs `work` with SIGTRAP unblocked. The debugger's breakpoint raises it, and when a blocked signal is raised by an
/// instruction the kernel sets the whole process's handler back to the default (`force_sig_info_to_task`).
fn with_traps(work: impl FnOnce()) {
    let mut trap = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: each set is initialized by the call that first gets it.
    unsafe {
        libc::sigemptyset(trap.as_mut_ptr());
        libc::sigaddset(trap.as_mut_ptr(), libc::SIGTRAP);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, trap.as_ptr(), before.as_mut_ptr());
        work();
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut());
    }
}

fn map(size: usize, file: Option<&File>) -> io::Result<*const u8> {
    let (protection, kind, descriptor) = match file {
        Some(file) => (libc::PROT_READ, 0, file.as_raw_fd()),
        None => (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_ANONYMOUS, -1),
    };
    // SAFETY: a new mapping of ours.
    let memory = unsafe {
        let flags = libc::MAP_PRIVATE | kind;
        libc::mmap(ptr::null_mut(), size, protection, flags, descriptor, 0)
    };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(memory.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The symbol files as a debugger that attaches now reads them.
    fn shown() -> Vec<Vec<u8>> {
        let _no_change = ENTRIES.lock();
        let mut all = Vec::new();
        // SAFETY: the list does not change meanwhile, and its entries hold their files.
        unsafe {
            let mut entry = (*__jit_debug_descriptor.0.get()).first.cast_const();
            let mut before = ptr::null();
            while let Some(this) = entry.as_ref() {
                assert_eq!(this.previous.cast_const(), before);
                all.push(std::slice::from_raw_parts(this.file, this.size as usize).to_vec());
                (before, entry) = (entry, this.next);
            }
        }
        all
    }

    #[test]
    fn a_debugger_sees_what_is_registered_and_not_unregistered() {
        let here = std::env::temp_dir();
        register(0x1000, b"one", &here).unwrap();
        // There is no room for a file: it is kept in memory.
        register(0x2000, b"two", Path::new("/nonexistent")).unwrap();
        register(0x3000, b"three", &here).unwrap();
        assert_eq!(shown(), [&b"three"[..], b"two", b"one"]);
        let sizes = || {
            files()
                .iter()
                .map(|file| file.end - file.start)
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes(), [3, 3, 5]);
        unregister(0x2000);
        unregister(0x2000);
        assert_eq!(shown(), [&b"three"[..], b"one"]);
        unregister(0x3000);
        unregister(0x1000);
        assert!(shown().is_empty());
    }
}
