use std::sync::atomic::{AtomicU32, Ordering};

static DROPS: AtomicU32 = AtomicU32::new(0);

pub fn noted() {
    DROPS.fetch_add(1, Ordering::Relaxed);
}

pub fn drops() -> u32 {
    DROPS.load(Ordering::Relaxed)
}

pub fn double(amount: u32) -> u32 {
    amount * 2
}
