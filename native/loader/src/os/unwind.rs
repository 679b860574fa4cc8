//! How unwinders find the tables of patches.
//!
//! Since glibc 2.35 they ask `_dl_find_object(3)` for the module that holds a pc. This library takes its place and knows
//! the patches too. Next to `__register_frame` that has three merits: the unwinder keeps no pointer into a patch, which
//! would look as if the program could still reach it; it does not read the tables of all patches at the first throw; and
//! a patch costs it nothing. Older C libraries ask dl_iterate_phdr, where patches are listed as well
//! ([`super::modules`]).
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::OnceLock;

use super::{dynamic, modules};

/// `struct dl_find_object` of <dlfcn.h> for x86_64.
#[repr(C)]
pub struct Found {
    flags: u64,
    map_start: *mut c_void,
    map_end: *mut c_void,
    link_map: *mut c_void,
    eh_frame: *mut c_void,
    reserved: [u64; 7],
}

type Find = unsafe extern "C" fn(*mut c_void, *mut Found) -> c_int;

static REAL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// Finds the C library's own function in advance: looking for it takes locks that a thread which throws may hold.
pub fn prepare() {
    if let Some(real) = dynamic::of_c_library(c"_dl_find_object") {
        REAL.store(real, Ordering::SeqCst);
    }
}

/// The start of the function that the byte before `pc` belongs to, by the unwind tables of the process; none when it has
/// no such function or no unwinder that can tell.
pub fn enclosing_function(pc: usize) -> Option<usize> {
    type Enclosing = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
    static FOUND: OnceLock<Option<Enclosing>> = OnceLock::new();
    let enclosing = FOUND.get_or_init(|| {
        let enclosing = dynamic::find(b"_Unwind_FindEnclosingFunction")?;
        // SAFETY: libgcc's unwind-dw2.c (and LLVM's libunwind) define it with this type.
        Some(unsafe { std::mem::transmute::<usize, Enclosing>(enclosing) })
    });
    // SAFETY: it reads tables of loaded modules alone, whatever the address is.
    let start = unsafe { enclosing.as_ref()?(pc as *mut c_void) };
    (!start.is_null()).then_some(start as usize)
}

/// Takes the C library's place: a patch that holds `pc`, else what the C library knows. Async-signal-safe, as that is.
///
/// # Safety
/// As `_dl_find_object(3)`: `found` has room for the answer.
#[no_mangle]
pub unsafe extern "C" fn _dl_find_object(pc: *mut c_void, found: *mut Found) -> c_int {
    if let Some((start, end, Some(table))) = modules::holder(pc as usize).and_then(|m| m.place()) {
        // SAFETY: the caller's promise.
        unsafe {
            found.write(Found {
                flags: 0,
                map_start: start as *mut c_void,
                map_end: end as *mut c_void,
                // A patch has none. Unwinders do not look at it.
                link_map: std::ptr::null_mut(),
                eh_frame: table as *mut c_void,
                reserved: [0; 7],
            });
        }
        return 0;
    }
    if REAL.load(Ordering::SeqCst).is_null() {
        // A throw before this library's constructor.
        prepare();
    }
    let real = REAL.load(Ordering::SeqCst);
    if real.is_null() {
        return -1;
    }
    // SAFETY: the C library's _dl_find_object has this type; the arguments are the caller's own.
    unsafe { std::mem::transmute::<*mut c_void, Find>(real)(pc, found) }
}
