//! What happens to the loader when the program forks.
//!
//! A forked child has a copy of everything but only the forking thread. So nothing that a child needs may be half done
//! at that moment: state lives in [`Guarded`], and a fork waits until nobody holds it (prepare handler), then the child
//! starts with it free and consistent.
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::{clock, futex, thread};

const FREE: u32 = 0;
const HELD: u32 = 1;

/// A patch holds the lock for 7 s at most (its own limits of time). When a fork still cannot have it after this long, it
/// goes ahead without: a child that cannot be patched is better than a program that stands still.
const PATIENCE: Duration = Duration::from_secs(10);

static LOCK: AtomicU32 = AtomicU32::new(FREE);
/// The thread that forks while holding the lock. pthread_self() is the same in parent and child.
static FORKING: AtomicU64 = AtomicU64::new(0);

/// Whether this process has forked or is a forked one.
static HAS_FORKED: AtomicBool = AtomicBool::new(false);

pub fn has_forked() -> bool {
    HAS_FORKED.load(Ordering::SeqCst)
}

/// State that no fork may find half changed.
pub struct Guarded<T>(UnsafeCell<T>);

// SAFETY: all access goes through LOCK, one for all of them.
unsafe impl<T: Send> Sync for Guarded<T> {}

pub struct Guard<'a, T>(&'a Guarded<T>);

impl<T> Guarded<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Waits for the lock. No fork happens while the guard lives, so hold it briefly. There is one lock for all
    /// guarded values: a second `lock` on the same thread would wait for ever.
    pub fn lock(&self) -> Guard<'_, T> {
        acquire(None);
        Guard(self)
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: LOCK is held.
        unsafe { &*self.0 .0.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: LOCK is held, and the guard is borrowed mutably.
        unsafe { &mut *self.0 .0.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        release();
    }
}

/// Has `after_fork` called in every forked child, on its only thread. Call once.
pub fn on_child(after_fork: fn()) -> bool {
    IN_CHILD.lock().replace(after_fork);
    // SAFETY: the handlers are plain functions that live as long as this library, which is never unloaded.
    unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) == 0 }
}

static IN_CHILD: Guarded<Option<fn()>> = Guarded::new(None);

fn acquire(patience: Option<Duration>) -> bool {
    let give_up = patience.map(|patience| clock::monotonic_ns() + patience.as_nanos() as u64);
    while LOCK
        .compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed)
        .is_err()
    {
        if give_up.is_some_and(|time| clock::monotonic_ns() > time) {
            return false;
        }
        futex::wait(&LOCK, HELD, Some(Duration::from_millis(100)));
    }
    true
}

fn release() {
    LOCK.store(FREE, Ordering::Release);
    futex::wake_all(&LOCK);
}

extern "C" fn prepare() {
    HAS_FORKED.store(true, Ordering::SeqCst);
    thread::keeping_errno(|| {
        if acquire(Some(PATIENCE)) {
            FORKING.store(this_thread(), Ordering::Relaxed);
        }
    });
}

extern "C" fn parent() {
    thread::keeping_errno(|| {
        finish_fork();
    });
}

extern "C" fn child() {
    thread::keeping_errno(|| {
        if finish_fork() {
            let after_fork = *IN_CHILD.lock();
            if let Some(after_fork) = after_fork {
                after_fork();
            }
        }
    });
}

fn finish_fork() -> bool {
    let mine = FORKING.load(Ordering::Relaxed) == this_thread();
    if mine {
        FORKING.store(0, Ordering::Relaxed);
        release();
    }
    mine
}

fn this_thread() -> u64 {
    // SAFETY: cannot fail.
    unsafe { libc::pthread_self() as u64 }
}
