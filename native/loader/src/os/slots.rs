//! Which parts of the window are taken. Lock-free, so that a forked child finds it consistent.
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};

/// Every patch starts at a multiple of this in the window, and no two share one. Most patches need one.
pub const SLOT: usize = 128 << 10;

/// How many patches there can be. Each is a module in the list that symbolizers ask for, which they walk through for
/// every frame of a backtrace.
pub const SLOTS: usize = 2048;

/// Size of the window.
pub const WINDOW: usize = SLOTS * SLOT;

const FREE: u8 = 0;
const CLAIMED: u8 = 1;
const KEPT: u8 = 2;

static STATES: [AtomicU8; SLOTS] = [const { AtomicU8::new(FREE) }; SLOTS];

/// Slots that are taken until this is dropped.
pub struct Claim {
    first: usize,
    count: usize,
}

/// Takes the slots that `size` bytes at `offset` of the window touch.
pub fn claim(offset: usize, size: usize) -> io::Result<Claim> {
    let first = offset / SLOT;
    let count = (offset + size).div_ceil(SLOT) - first;
    let mut claim = Claim { first, count: 0 };
    for state in STATES
        .get(first..first + count)
        .ok_or(io::ErrorKind::InvalidInput)?
    {
        // What was claimed up to here is given up when `claim` is dropped.
        if state
            .compare_exchange(FREE, CLAIMED, Ordering::SeqCst, Ordering::SeqCst)
            .is_err()
        {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        claim.count += 1;
    }
    Ok(claim)
}

impl Claim {
    /// Never gives them up.
    pub fn keep(&mut self) {
        self.set(KEPT);
        self.count = 0;
    }

    fn set(&self, to: u8) {
        let claimed = STATES.iter().skip(self.first).take(self.count);
        claimed.for_each(|state| state.store(to, Ordering::SeqCst));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.set(FREE);
    }
}

/// In a forked child, whose parent may have been at work on a patch: what was claimed then belongs to nobody.
pub fn forget_claims() {
    for state in &STATES {
        let _ = state.compare_exchange(CLAIMED, FREE, Ordering::SeqCst, Ordering::SeqCst);
    }
}
