//! Names, as the dynamic linker knows them.
use std::ffi::{c_void, CStr, CString};
use std::sync::atomic::{AtomicPtr, Ordering};

/// A library whose own scope is searched as well.
static LIBRARY: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// From here on [`find`] looks into this library, and into those that it needs, after the global scope.
pub fn search_also(handle: *mut c_void) {
    LIBRARY.store(handle, Ordering::SeqCst);
}

/// The address of `name` in the program's global scope: the program, then its libraries in load order. None when no
/// one defines it.
pub fn find(name: &[u8]) -> Option<usize> {
    let name = CString::new(name).ok()?;
    let library = LIBRARY.load(Ordering::SeqCst);
    // A symbol's value may be zero, so only dlerror tells; but no function or datum lies at address zero.
    // SAFETY: a valid C string, and a handle that is never closed.
    let address = unsafe {
        let address = libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr());
        if address.is_null() && !library.is_null() {
            libc::dlsym(library, name.as_ptr())
        } else {
            address
        }
    };
    (!address.is_null()).then_some(address as usize)
}

/// The C library's own definition of a function that this library defines as well.
pub fn of_c_library(name: &CStr) -> Option<*mut c_void> {
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD;
    // RTLD_NEXT is the usual way, but finds only what comes after this library in the program's link order.
    // SAFETY: valid C strings. The handle is one that the program holds anyway, and is not closed.
    let address = unsafe {
        let next = libc::dlsym(libc::RTLD_NEXT, name.as_ptr());
        if next.is_null() {
            let library = libc::dlopen(c"libc.so.6".as_ptr(), flags);
            if library.is_null() {
                library
            } else {
                libc::dlsym(library, name.as_ptr())
            }
        } else {
            next
        }
    };
    (!address.is_null()).then_some(address)
}
