use std::sync::atomic::{AtomicU32, Ordering};

static COUNTED: AtomicU32 = AtomicU32::new(0);

pub fn counted() -> u32 {
    COUNTED.fetch_add(10, Ordering::Relaxed) + 10
}

pub fn double(amount: u32) -> u32 {
    amount * 2
}
