//! Unwinding of a thread that a signal has stopped.

use nx_hotpatch_loader::unwinding::{Lost, Unwinder};
use std::sync::mpsc::channel;
use std::sync::Mutex;

/// What the handler below uses and finds.
static UNWINDER: Mutex<Option<Unwinder>> = Mutex::new(None);
static CALLS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static END: Mutex<Option<Result<Option<usize>, Lost>>> = Mutex::new(None);

extern "C" fn on_signal(_: i32, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let mut calls = CALLS.lock().unwrap();
    let mut unwinder = UNWINDER.lock().unwrap();
    let walked = unwinder.as_mut().unwrap().walk(context as usize, |pc| {
        calls.push(pc);
        true
    });
    *END.lock().unwrap() = Some(walked);
}

#[inline(never)]
fn inner(signal: i32) -> i32 {
    // SAFETY: the handler below takes it.
    std::hint::black_box(unsafe { libc::raise(signal) }) + 1
}

#[inline(never)]
fn outer(signal: i32) -> i32 {
    std::hint::black_box(inner(signal)) + 1
}

#[test]
fn a_thread_is_unwound_from_where_a_signal_has_found_it_to_its_beginning() {
    let signal = libc::SIGUSR2;
    *UNWINDER.lock().unwrap() = Some(Unwinder::prepare());
    let (sender, receiver) = channel();
    let thread = std::thread::spawn(move || {
        // SAFETY: an action without flags but that for the context.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO;
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
        outer(signal);
        sender.send(()).unwrap();
    });
    receiver.recv().unwrap();
    thread.join().unwrap();
    let end = END.lock().unwrap().take().unwrap();
    let calls = CALLS.lock().unwrap();
    assert!(matches!(end, Ok(Some(_))), "{end:?} after {calls:x?}");
    for function in [inner as *const () as usize, outer as *const () as usize] {
        let is_in = |pc: &usize| (function..function + 200).contains(pc);
        assert!(calls.iter().any(is_in), "{function:x} in {calls:x?}");
    }
}
