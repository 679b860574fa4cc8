//! How unwinders find the tables of patches.
//!
//! Since glibc 2.35 they ask `_dl_find_object(3)` for the module that holds a pc. This library takes its place and knows
//! the patches too. Next to `__register_frame` that has three merits: the unwinder keeps no pointer into a patch, which
//! would look as if the program could still reach it; it does not read the tables of all patches at the first throw; and
//! a patch costs it nothing. Older C libraries ask dl_iterate_phdr, where patches are listed as well
//! ([`super::modules`]).
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

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
