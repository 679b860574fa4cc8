use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

pub fn calls() -> u32 {
    CALLS.fetch_add(1, Ordering::SeqCst) + 1
}
