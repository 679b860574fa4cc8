//! The list of loaded modules, with the patches in it.
//!
//! A symbolizer asks dl_iterate_phdr(3) what is loaded where, and std's asks once, at the first backtrace, and keeps the
//! answer. So patches that come later must be in the list already. The window is announced from the start as a row of
//! modules of [`SLOT`] bytes each, every one with a file name of its own; when a patch is loaded into a slot, its image
//! is written under that name, and whoever opens it then finds symbols and line tables.
//!
//! Unwinders ask as well, those of older C libraries at every frame. They are told of the patches alone, each with its
//! PT_GNU_EH_FRAME; newer ones ask [`super::unwind`].
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;

use super::dynamic;
use super::mapping::Window;
use super::module_names::Names;
use super::module_table::{self, Module};
use super::slots::{SLOT, SLOTS};

type Callback = unsafe extern "C-unwind" fn(*mut libc::dl_phdr_info, usize, *mut c_void) -> c_int;
type Iterate = unsafe extern "C-unwind" fn(Option<Callback>, *mut c_void) -> c_int;

struct Announced {
    window: Window,
    names: Names,
    /// Where the code of unwinders lies.
    unwinders: Vec<(usize, usize)>,
}

static ANNOUNCED: OnceLock<Announced> = OnceLock::new();

/// How often the list has changed since the start.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// Puts the window's slots on the list for good. The file of slot n is named `prefix`, n, `.so`.
pub fn announce(window: &Window, prefix: String) {
    let mut unwinders = Vec::new();
    for_each_loaded(|info| {
        if is_unwinder(info) {
            unwinders.extend(extent(info));
        }
    });
    let _ = ANNOUNCED.set(Announced {
        window: *window,
        names: Names::new(prefix),
        unwinders,
    });
}

/// A patch on the list. Off the list when dropped.
pub struct Listed(&'static Module);

impl Listed {
    /// Puts the patch from `start` on the list. `frame_table` is the address of its `.eh_frame_hdr`, which stays mapped
    /// and well-formed as long as this lives. None when there is no list.
    pub fn new(start: usize, size: usize, frame_table: Option<FrameTable>) -> Option<Self> {
        let window = ANNOUNCED.get()?.window;
        let slot = start.checked_sub(window.start)? / SLOT;
        let module = module_table::set(slot, start, size, frame_table)?;
        CHANGES.fetch_add(1, Ordering::SeqCst);
        Some(Self(module))
    }

    /// Leaves it there for the life of the process.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.0.clear();
        CHANGES.fetch_add(1, Ordering::SeqCst);
    }
}

/// The unwind table of a patch in memory: address and size.
#[derive(Debug, Clone, Copy)]
pub struct FrameTable {
    pub address: usize,
    pub size: usize,
}

/// The patch that holds `pc`. Async-signal-safe.
pub fn holder(pc: usize) -> Option<&'static Module> {
    let window = ANNOUNCED.get()?.window;
    let at = pc.checked_sub(window.start)?;
    module_table::holder(at / SLOT, pc)
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

/// The headers of a module that is loaded.
pub fn headers(info: &libc::dl_phdr_info) -> &[libc::Elf64_Phdr] {
    // SAFETY: dlpi_phnum headers of a loaded module stand there.
    unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) }
}

fn is_unwinder(info: &libc::dl_phdr_info) -> bool {
    if info.dlpi_name.is_null() {
        return false;
    }
    // SAFETY: a C string that lives as long as the module.
    let name = unsafe { std::ffi::CStr::from_ptr(info.dlpi_name) }.to_string_lossy();
    let file = name.rsplit('/').next().unwrap_or_default();
    file.starts_with("libgcc_s") || file.starts_with("libunwind")
}

/// What a module's PT_LOAD headers span.
pub fn extent(info: &libc::dl_phdr_info) -> Option<(usize, usize)> {
    let loaded = headers(info)
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD);
    let places = loaded.map(|header| {
        let start = (info.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize);
        (start, start.wrapping_add(header.p_memsz as usize))
    });
    places.reduce(|all, place| (all.0.min(place.0), all.1.max(place.1)))
}

/// A loaded module that says how its functions are unwound.
#[derive(Debug, Clone, Copy)]
pub struct Unwindable {
    /// All that it spans.
    pub start: usize,
    pub end: usize,
    /// Its `.eh_frame_hdr` (LSB, "Exception Frames"), and the segment that this lies in.
    pub header: usize,
    pub segment: (usize, usize),
}

/// Those of the dynamic linker's own list. Takes its locks.
pub fn unwindable() -> Vec<Unwindable> {
    let mut all = Vec::new();
    for_each_loaded(|info| {
        let address = |header: &libc::Elf64_Phdr| {
            (info.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize)
        };
        let mut headers = headers(info).iter();
        let table = headers.clone().find(|h| h.p_type == libc::PT_GNU_EH_FRAME);
        let (Some(table), Some((start, end))) = (table, extent(info)) else {
            return;
        };
        let header = address(table);
        let segment = headers.find_map(|h| {
            let start = address(h);
            let range = (start, start.wrapping_add(h.p_memsz as usize));
            (h.p_type == libc::PT_LOAD && (range.0..range.1).contains(&header)).then_some(range)
        });
        all.extend(segment.map(|segment| Unwindable {
            start,
            end,
            header,
            segment,
        }));
    });
    all
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
    let (Some(announced), Some(call)) = (ANNOUNCED.get(), callback) else {
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
    let address = call as usize;
    let unwinds = |place: &(usize, usize)| (place.0..place.1).contains(&address);
    let patches_alone = announced.unwinders.iter().any(unwinds);
    let mut slot = 0;
    while slot < SLOTS {
        let start = announced.window.start + slot * SLOT;
        let (headers, slots) = module_table::headers(slot);
        let (this, is_patch) = (slot, slots > 0);
        slot += slots.max(1);
        if patches_alone && !is_patch {
            continue;
        }
        // SAFETY: all zero bits are a valid value: null pointers and zeros.
        let mut info: libc::dl_phdr_info = unsafe { std::mem::zeroed() };
        info.dlpi_addr = start as u64;
        info.dlpi_name = announced.names.of(this);
        info.dlpi_phdr = headers.as_ptr();
        info.dlpi_phnum = headers.len() as u16;
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

/// Hands a module on, with the counters by which callers see whether the list has changed.
unsafe extern "C-unwind" fn pass_on(
    info: *mut libc::dl_phdr_info,
    size: usize,
    relay: *mut c_void,
) -> c_int {
    // SAFETY: made by dl_iterate_phdr above, alive during this call.
    let relay = unsafe { &mut *relay.cast::<Relay>() };
    // SAFETY: the dynamic linker's argument, which is made for this call and can be changed.
    let module = unsafe { &mut *info };
    module.dlpi_adds += CHANGES.load(Ordering::SeqCst);
    (relay.adds, relay.subs) = (module.dlpi_adds, module.dlpi_subs);
    // SAFETY: the caller's callback with the caller's data.
    unsafe { (relay.call)(info, size, relay.data) }
}
