//! The list of loaded modules, with the patches in it.
//!
//! A symbolizer asks dl_iterate_phdr(3) what is loaded where, and std's asks once, at the first backtrace, and keeps the
//! answer. So patches that come later must be in the list already. The window is announced from the start as a row of
//! modules of [`SLOT`] bytes each, every one with a file name of its own; when a patch is loaded into a slot, its image
//! is written under that name, and whoever opens it then finds symbols and line tables.
//!
//! An announced slot has one PT_LOAD and no PT_GNU_EH_FRAME: unwinders learn of patches by `__register_frame`.
use std::ffi::{c_int, c_void, CString};
use std::sync::OnceLock;

use super::dynamic;
use super::memory::Window;
use super::slots::SLOT;

type Callback = unsafe extern "C-unwind" fn(*mut libc::dl_phdr_info, usize, *mut c_void) -> c_int;
type Iterate = unsafe extern "C-unwind" fn(Option<Callback>, *mut c_void) -> c_int;

struct Slots {
    start: usize,
    names: Vec<CString>,
    header: libc::Elf64_Phdr,
}

static ANNOUNCED: OnceLock<Slots> = OnceLock::new();

/// Puts the window's slots on the list for good. `name` gives each slot's file.
pub fn announce(window: &Window, name: impl Fn(usize) -> String) {
    let names = (0..window.size / SLOT)
        .filter_map(|slot| CString::new(name(slot)).ok())
        .collect();
    let header = libc::Elf64_Phdr {
        p_type: libc::PT_LOAD,
        p_flags: libc::PF_R | libc::PF_X,
        p_offset: 0,
        p_vaddr: 0,
        p_paddr: 0,
        p_filesz: SLOT as u64,
        p_memsz: SLOT as u64,
        p_align: super::memory::PAGE as u64,
    };
    let _ = ANNOUNCED.set(Slots {
        start: window.start,
        names,
        header,
    });
}

/// Calls `each` with the modules that the dynamic linker itself knows, the main program first.
pub fn for_each_loaded<F: FnMut(&libc::dl_phdr_info)>(mut each: F) {
    unsafe extern "C-unwind" fn call<F: FnMut(&libc::dl_phdr_info)>(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        each: *mut c_void,
    ) -> c_int {
        // SAFETY: `each` is the closure below, `info` the dynamic linker's argument; both live during this call.
        unsafe { (*each.cast::<F>())(&*info) };
        0
    }
    if let Some(real) = real() {
        // SAFETY: `call` takes what it is given here.
        unsafe { real(Some(call::<F>), std::ptr::from_mut(&mut each).cast()) };
    }
}

fn real() -> Option<Iterate> {
    static REAL: OnceLock<Option<Iterate>> = OnceLock::new();
    *REAL.get_or_init(|| {
        let real = dynamic::of_c_library(c"dl_iterate_phdr")?;
        // SAFETY: the C library's dl_iterate_phdr has this type.
        Some(unsafe { std::mem::transmute::<*mut c_void, Iterate>(real) })
    })
}

/// Takes the C library's place: the program's modules, then the slots.
///
/// `C-unwind`, because a callback may throw through the real one as well.
///
/// # Safety
/// As dl_iterate_phdr(3): `callback` can be called with `data`.
#[no_mangle]
pub unsafe extern "C-unwind" fn dl_iterate_phdr(
    callback: Option<Callback>,
    data: *mut c_void,
) -> c_int {
    let Some(real) = real() else { return 0 };
    let (Some(slots), Some(call)) = (ANNOUNCED.get(), callback) else {
        // SAFETY: the caller's own arguments.
        return unsafe { real(callback, data) };
    };
    let mut relay = Relay {
        call,
        data,
        adds: 0,
        subs: 0,
    };
    // SAFETY: `pass_on` takes a relay.
    let result = unsafe { real(Some(pass_on), std::ptr::from_mut(&mut relay).cast()) };
    if result != 0 {
        return result;
    }
    for (at, name) in slots.names.iter().enumerate() {
        // SAFETY: all zero bits are a valid value: null pointers and zeros.
        let mut info: libc::dl_phdr_info = unsafe { std::mem::zeroed() };
        info.dlpi_addr = (slots.start + at * SLOT) as u64;
        info.dlpi_name = name.as_ptr();
        info.dlpi_phdr = &slots.header;
        info.dlpi_phnum = 1;
        info.dlpi_adds = relay.adds;
        info.dlpi_subs = relay.subs;
        // SAFETY: the caller's callback with the caller's data.
        let result = unsafe { call(&mut info, size_of_val(&info), data) };
        if result != 0 {
            return result;
        }
    }
    0
}

struct Relay {
    call: Callback,
    data: *mut c_void,
    adds: u64,
    subs: u64,
}

/// Hands a module on, and notes the counters by which callers see whether the list has changed.
unsafe extern "C-unwind" fn pass_on(
    info: *mut libc::dl_phdr_info,
    size: usize,
    relay: *mut c_void,
) -> c_int {
    // SAFETY: made by dl_iterate_phdr above, alive during this call.
    let relay = unsafe { &mut *relay.cast::<Relay>() };
    // SAFETY: the dynamic linker's argument.
    let module = unsafe { &*info };
    (relay.adds, relay.subs) = (module.dlpi_adds, module.dlpi_subs);
    // SAFETY: the caller's callback with the caller's data.
    unsafe { (relay.call)(info, size, relay.data) }
}
