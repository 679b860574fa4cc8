//! Signal dispositions: taking one over, and passing on what is not ours.
use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicPtr, Ordering};

pub type Handler = unsafe extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// The action that a signal had before it was taken over. Leaked when replaced: a handler may be reading it.
pub struct Previous(AtomicPtr<libc::sigaction>);

impl Previous {
    pub const fn unset() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Whether without us the signal would have ended the program at once.
    ///
    /// # Safety
    /// `info` is what the kernel gave to the running handler.
    pub unsafe fn is_default(&self, info: *mut libc::siginfo_t) -> bool {
        // SAFETY: null or leaked by `take`.
        let action = unsafe { self.0.load(Ordering::SeqCst).as_ref() };
        match action.map_or(libc::SIG_DFL, |action| action.sa_sigaction) {
            libc::SIG_DFL => true,
            // Who ignores what an instruction raises is ended all the same.
            // SAFETY: the kernel's siginfo.
            libc::SIG_IGN => unsafe { (*info).si_code > 0 },
            _ => false,
        }
    }

    /// Does what would have happened without us.
    ///
    /// # Safety
    /// The arguments are those that the kernel gave to the running handler.
    pub unsafe fn call(
        &self,
        signal: libc::c_int,
        info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        // SAFETY: null or leaked by `take`.
        let action = unsafe { self.0.load(Ordering::SeqCst).as_ref() };
        let handler = action.map_or(libc::SIG_DFL, |action| action.sa_sigaction);
        // SAFETY: the kernel's siginfo. Codes up to 0 come from kill(2) and its kind, the rest from an instruction.
        let by_instruction = unsafe { (*info).si_code } > 0;
        match (handler, action) {
            (libc::SIG_IGN, _) if !by_instruction => {}
            (libc::SIG_DFL | libc::SIG_IGN, _) | (_, None) => die(signal),
            (_, Some(action)) if action.sa_flags & libc::SA_SIGINFO != 0 => {
                forget_once_called(signal, action);
                // SAFETY: SA_SIGINFO says that it is a three-argument handler.
                let call: Handler = unsafe { std::mem::transmute(handler) };
                // SAFETY: the arguments that the kernel would have given it.
                unsafe { call(signal, info, context) };
            }
            (_, Some(action)) => {
                forget_once_called(signal, action);
                // SAFETY: without SA_SIGINFO it is a one-argument handler.
                let call: extern "C" fn(libc::c_int) = unsafe { std::mem::transmute(handler) };
                call(signal);
            }
        }
    }
}

/// SA_RESETHAND: the kernel gives the default action back before it calls the handler.
fn forget_once_called(signal: libc::c_int, action: &libc::sigaction) {
    if action.sa_flags & libc::SA_RESETHAND != 0 {
        // SAFETY: async-signal-safe.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Lets a signal whose handler is ours end the program as if there was none: an instruction that failed is executed
/// again, so that the core shows it.
///
/// # Safety
/// `info` is what the kernel gave to the running handler.
pub unsafe fn take_default_course(signal: libc::c_int, info: *mut libc::siginfo_t) {
    let fails_again = matches!(
        signal,
        libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE
    );
    // SAFETY: async-signal-safe; the kernel's siginfo.
    if fails_again && unsafe { (*info).si_code } > 0 {
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    } else {
        die(signal);
    }
}

/// Gives a signal its default action, when `handler` is its handler.
pub fn give_default_back(signal: libc::c_int, handler: Handler) {
    if action(signal).is_ok_and(|action| action.sa_sigaction == handler as usize) {
        // SAFETY: async-signal-safe.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Whether the signal has its default action now.
pub fn is_default_now(signal: libc::c_int) -> bool {
    action(signal).is_ok_and(|action| action.sa_sigaction == libc::SIG_DFL)
}

/// Lets the signal take its default action.
fn die(signal: libc::c_int) {
    // SAFETY: async-signal-safe calls.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// What may interrupt a handler of ours.
pub enum Nesting {
    /// Everything but the signal itself.
    Others,
    /// The signal itself too, but not this one.
    NotBy(libc::c_int),
    /// What may interrupt the handler that was there before; it runs on the stack that it asked for.
    AsBefore,
}

/// Makes `handler` the signal's action, unless it is already, and remembers the one before.
///
/// SA_ONSTACK because the program may run code on stacks too small for a signal frame; SA_RESTART so that system calls
/// which can be restarted are.
pub fn take(
    signal: libc::c_int,
    handler: Handler,
    previous: &Previous,
    nesting: Nesting,
) -> io::Result<()> {
    let before = action(signal)?;
    if before.sa_sigaction == handler as usize {
        return Ok(());
    }
    // Before ours is in place: it may be called at once.
    previous
        .0
        .store(Box::into_raw(Box::new(before)), Ordering::SeqCst);
    // SAFETY: all zero bits are an empty mask and no flags.
    let mut ours: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    ours.sa_sigaction = handler as usize;
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    match nesting {
        Nesting::Others => {}
        Nesting::NotBy(other) => {
            ours.sa_flags |= libc::SA_NODEFER;
            // SAFETY: an initialized set.
            unsafe { libc::sigaddset(&mut ours.sa_mask, other) };
        }
        Nesting::AsBefore => {
            let is_handler = !matches!(before.sa_sigaction, libc::SIG_DFL | libc::SIG_IGN);
            if is_handler {
                let kept = libc::SA_ONSTACK | libc::SA_RESTART | libc::SA_NODEFER;
                ours.sa_flags = libc::SA_SIGINFO | before.sa_flags & kept;
                ours.sa_mask = before.sa_mask;
            }
        }
    }
    // SAFETY: `handler` has the type that SA_SIGINFO asks for and lives as long as the process.
    match unsafe { libc::sigaction(signal, &ours, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The signal's present action.
pub fn action(signal: libc::c_int) -> io::Result<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: there is room for the answer, which is there when the call succeeds.
    unsafe {
        match libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) {
            0 => Ok(action.assume_init()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
