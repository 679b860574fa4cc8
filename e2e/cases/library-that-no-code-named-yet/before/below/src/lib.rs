use std::sync::atomic::{AtomicU32, Ordering};

pub static MEASURED: AtomicU32 = AtomicU32::new(0);

pub fn measure(text: &str) -> u32 {
    MEASURED.fetch_add(1, Ordering::SeqCst);
    text.len() as u32
}
