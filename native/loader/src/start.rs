//! The loader's start, before `main`, and its new start in a forked child.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::os::host::Host;
use crate::os::library::{self, Announced};
use crate::os::mapping::Window;
use crate::os::slots::{self, WINDOW};
use crate::os::{
    allocation, crash, creation, descriptors, fork, masks, membarrier, modules, thread,
};
use crate::process::Process;
use crate::{crashes, hold, session, window};

/// The environment variable that says where the session listens. Without it the loader does nothing.
pub const VARIABLE: &str = "NX_HOTPATCH_SOCKET";

/// Most forked children execute another program at once. Those are spared: a child connects only when it is older than
/// this.
const CHILDHOOD: Duration = Duration::from_millis(20);

/// Reserves the window and starts the loader's thread, when the environment asks for it. Returns when nothing holds the
/// program.
pub fn start_from_environment() {
    let Some(socket) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        return;
    };
    thread::keeping_errno(|| {
        if library::is_awaited(&socket) {
            return;
        }
        allocation::begin();
        masks::begin();
        if let Some(host) = Host::find() {
            start(socket, host);
        }
    });
}

/// The same for a library that has just been brought into its host, if `is_wanted` by its build id.
pub fn start_in_host(socket: &Path, announced: &Announced, is_wanted: impl FnOnce(&str) -> bool) {
    thread::keeping_errno(|| {
        let host = Host::find_library(announced).filter(|host| is_wanted(&host.build_id));
        let Some(host) = host else { return };
        allocation::begin();
        library::pin(&host.path);
        start(socket.to_owned(), host);
    });
}

fn start(socket: PathBuf, host: Host) {
    let window = Window::reserve(window::candidates(&host), WINDOW);
    let process = Process {
        socket,
        host,
        window,
        first_pid: std::process::id(),
    };
    if !process.set() {
        return;
    }
    let Some(process) = Process::get() else {
        return;
    };
    if let Some(window) = &process.window {
        modules::announce(window, process.slot_files());
    }
    // This library has a standard library of its own, so this is the hook of nobody else. Output is the program's.
    std::panic::set_hook(Box::new(|_| {}));
    // Now, because with one thread it costs nothing.
    membarrier::register();
    fork::on_child(|| {
        allocation::forget();
        slots::forget_claims();
        creation::forget();
        crash::deafen();
        thread::start(in_child);
    });
    // In dlopen nobody can be held: the loader's thread needs the dynamic linker, which is locked.
    if hold::is_asked_for() && !process.host.is_library {
        hold::begin();
    }
    if thread::start(in_program) {
        hold::wait();
    }
    crashes::note_start();
}

extern "C" fn in_program(_: *mut std::ffi::c_void) -> *mut std::ffi::c_void {
    converse(Duration::ZERO)
}

extern "C" fn in_child(_: *mut std::ffi::c_void) -> *mut std::ffi::c_void {
    converse(CHILDHOOD)
}

/// A panic here is a defect of ours, and none of the program's business: it ends this thread without a word.
fn converse(delay: Duration) -> *mut std::ffi::c_void {
    let _ = std::panic::catch_unwind(|| {
        thread::name_this();
        masks::except_this_thread();
        thread::take_short_turns();
        descriptors::separate();
        std::thread::sleep(delay);
        if let Some(process) = Process::get() {
            let _ = session::run(process);
        }
    });
    // However the conversation ended, and a panic too.
    hold::release();
    std::ptr::null_mut()
}
