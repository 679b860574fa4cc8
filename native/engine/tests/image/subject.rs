//! The program whose object the tests read: panics, unwinding, generics, statics, thread-locals.
#![allow(static_mut_refs)]
use std::cell::Cell;
use std::panic::catch_unwind;

pub static NAMES: &[&str] = &["a", "b"];
pub static mut COUNT: u64 = 3;

thread_local! {
    pub static DEPTH: Cell<u32> = const { Cell::new(7) };
}

pub fn add<T: std::ops::Add<Output = T>>(a: T, b: T) -> T {
    a + b
}

pub fn boom(text: &str) -> usize {
    let bytes = vec![1u8, 2];
    if text.len() > 3 {
        panic!("boom {text}");
    }
    bytes.len() + DEPTH.with(|depth| depth.get()) as usize
}

pub fn guarded(text: &str) -> bool {
    catch_unwind(|| boom(text)).is_err()
}

pub fn sum() -> u64 {
    let total = add(1u64, 2);
    total + unsafe { COUNT } + NAMES.len() as u64
}

pub fn join(text: String) -> String {
    let copy = text.clone();
    let joined = copy.clone() + "x";
    std::hint::black_box(&joined);
    joined
}

/// Calls nothing and refers to nothing: runs wherever it lies.
#[no_mangle]
pub extern "C" fn square(x: u64) -> u64 {
    let y = x.wrapping_mul(x);
    y
}
