//! A shared library that is patched in the process of another program, which brings it into memory by dlopen(3).
//!
//! The session preloads the loader into that program and names the library by its build id. An object that is linked
//! into the library (`native/library/announce.c`) calls here as one of the library's constructors: in the middle of
//! dlopen, so before the host can call any function of it. What the environment says is read when the process starts:
//! by then the host may have changed it, and other threads read and write it.
use std::ffi::{c_void, CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;

use super::{dynamic, masks};
use crate::arch;

/// Names the library to be patched by its build id. With it the program itself is not patched.
pub const VARIABLE: &str = "NX_HOTPATCH_LIBRARY";

struct Awaited {
    socket: PathBuf,
    build_id: OsString,
}

static AWAITED: OnceLock<Awaited> = OnceLock::new();

/// How many copies of the library are in memory.
static COPIES: AtomicUsize = AtomicUsize::new(0);

/// From here on the library is waited for, when the environment names one. False when it names none.
pub fn is_awaited(socket: &std::path::Path) -> bool {
    let Some(build_id) = std::env::var_os(VARIABLE) else {
        return false;
    };
    let socket = socket.to_owned();
    let _ = AWAITED.set(Awaited { socket, build_id });
    // Threads of the host that block all signals do so before the library comes.
    masks::begin();
    true
}

/// A file can be loaded once, but a copy of it is another file: its functions would stay as they are.
pub fn is_loaded_twice() -> bool {
    COPIES.load(Ordering::SeqCst) > 1
}

/// Where the library that has just been loaded lies, as it says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Announced {
    /// An address in it.
    pub inside: usize,
    /// The calling thread's copy of one of its thread-locals, reached by its distance from the thread pointer.
    pub local: usize,
}

/// Called by the library while it is being loaded.
#[no_mangle]
pub extern "C" fn nx_hotpatch_library_loaded(inside: *const c_void, local: *const c_void) {
    let library = Announced {
        inside: inside as usize,
        local: local as usize,
    };
    let Some(awaited) = AWAITED.get() else { return };
    // Nothing unwinds into the dynamic linker.
    let _ = std::panic::catch_unwind(|| {
        crate::start::start_in_host(&awaited.socket, &library, |build_id| {
            let is_it = awaited.build_id.as_bytes() == build_id.as_bytes();
            is_it && COPIES.fetch_add(1, Ordering::SeqCst) == 0
        });
    });
}

/// Keeps the library in memory for the life of the process, whoever closes it: patches refer to it. Its own libraries
/// are searched for what patches import, after the global scope, as the dynamic linker does for a library of dlopen.
pub fn pin(path: &str) {
    let Ok(path) = CString::new(path) else { return };
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: a valid C string; loads nothing, and dlopen may be called in a constructor.
    let handle = unsafe { libc::dlopen(path.as_ptr(), flags) };
    dynamic::search_also(handle);
}

/// The distance from the thread pointer to a module's thread-locals (`size` bytes from module number `module`), when it
/// is the same in every thread: when the anchor, whose distance is a constant, lies among them.
pub fn static_block(module: usize, size: usize, library: &Announced) -> Option<i64> {
    #[repr(C)]
    struct Index {
        module: usize,
        offset: usize,
    }
    extern "C" {
        fn __tls_get_addr(index: *const Index) -> *mut c_void;
    }
    let index = Index { module, offset: 0 };
    // SAFETY: the number of a loaded module with thread-locals (TLS, 3.4.1), which is what the dynamic linker passes too.
    let block = unsafe { __tls_get_addr(&index) } as usize;
    let is_static = (block..block.checked_add(size)?).contains(&library.local);
    is_static.then(|| block.wrapping_sub(arch::thread_pointer()) as i64)
}
