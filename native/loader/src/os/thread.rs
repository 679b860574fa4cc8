//! The loader's thread, started without Rust's thread machinery: it must work before `main` and in a forked child.
use std::mem::MaybeUninit;

use super::masks;

const STACK: usize = 512 << 10;

/// Starts `run` on a detached thread named `nx-hotpatch` that receives no signal of the program: all are blocked while
/// it is created, and a thread inherits the mask. False when no thread can be made.
pub fn start(run: extern "C" fn(*mut libc::c_void) -> *mut libc::c_void) -> bool {
    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    let mut attributes = MaybeUninit::uninit();
    let mut thread = MaybeUninit::uninit();
    // SAFETY: each object is initialized by the call that first gets it, and used only after that.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        if libc::pthread_attr_init(attributes.as_mut_ptr()) != 0 {
            return false;
        }
        libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), STACK);
        libc::pthread_attr_setdetachstate(attributes.as_mut_ptr(), libc::PTHREAD_CREATE_DETACHED);
        masks::change(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
        let started = libc::pthread_create(
            thread.as_mut_ptr(),
            attributes.as_ptr(),
            run,
            std::ptr::null_mut(),
        ) == 0;
        masks::change(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        started
    }
}

/// Names the calling thread as `ps -T` and debuggers show it.
pub fn name_this() {
    // SAFETY: a valid C string of at most 16 bytes (pthread_setname_np).
    unsafe { libc::pthread_setname_np(libc::pthread_self(), c"nx-hotpatch".as_ptr()) };
}

/// Asks for short turns, which the scheduler gives soon (sched_setattr(2): the slice of a normal thread, since Linux 6.12,
/// no privilege needed). This thread works little, but while it does others wait. Older kernels ignore it.
pub fn take_short_turns() {
    const SLICE_NS: u64 = 100_000;
    let attributes = SchedulingAttributes {
        size: size_of::<SchedulingAttributes>() as u32,
        policy: libc::SCHED_OTHER as u32,
        flags: 0,
        nice: 0,
        priority: 0,
        runtime: SLICE_NS,
        deadline: 0,
        period: 0,
    };
    // SAFETY: the kernel reads `size` bytes.
    unsafe {
        libc::syscall(
            libc::SYS_sched_setattr,
            0,
            std::ptr::from_ref(&attributes),
            0,
        )
    };
}

/// The first version of the kernel's `struct sched_attr`.
#[repr(C)]
struct SchedulingAttributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// The calling thread's kernel id.
pub fn id() -> i32 {
    // SAFETY: cannot fail.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// Runs `work` with the caller's errno kept.
pub fn keeping_errno<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the C library gives every thread an errno.
    unsafe {
        let errno = *libc::__errno_location();
        let result = work();
        *libc::__errno_location() = errno;
        result
    }
}

/// Lets the calling thread receive `signal`.
pub fn unblock(signal: libc::c_int) {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the set is initialized by the first call.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), std::ptr::null_mut());
    }
}

/// The calling thread's name, ended by zeros. Async-signal-safe.
pub fn own_name() -> [u8; 16] {
    let mut name = [0; 16];
    // SAFETY: PR_GET_NAME writes at most 16 bytes.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name
}
