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
                // SAFETY: SA_SIGINFO says that it is a three-argument handler.
                let call: Handler = unsafe { std::mem::transmute(handler) };
                // SAFETY: the arguments that the kernel would have given it.
                unsafe { call(signal, info, context) };
            }
            _ => {
                // SAFETY: without SA_SIGINFO it is a one-argument handler.
                let call: extern "C" fn(libc::c_int) = unsafe { std::mem::transmute(handler) };
                call(signal);
            }
        }
    }
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
    if let Nesting::NotBy(other) = nesting {
        ours.sa_flags |= libc::SA_NODEFER;
        // SAFETY: an initialized set.
        unsafe { libc::sigaddset(&mut ours.sa_mask, other) };
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
