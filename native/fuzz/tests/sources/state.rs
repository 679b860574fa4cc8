//! Statics, thread-locals, constants, closures, panics: what `//+` says comes with the edit.
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

pub static COUNT: AtomicU32 = AtomicU32::new(1);
static TABLE: [u32; 4] = [1, 2, 3, 4];
static NAMES: [&str; 2] = ["one", "two"];
thread_local!(static SEEN: Cell<u32> = const { Cell::new(7) });
//+ thread_local!(static FRESH: Cell<u32> = const { Cell::new(8) });
//+ static MORE: AtomicU32 = AtomicU32::new(40);

extern "C" {
    fn member(x: u32) -> u32;
    fn imported(x: u32) -> u32;
}

struct Guard(u32);
impl Drop for Guard {
    fn drop(&mut self) {
        COUNT.fetch_add(self.0, Ordering::Relaxed);
    }
}

#[inline(never)]
fn helper(x: u32) -> u32 {
    x.wrapping_add(TABLE[x as usize & 3])
}

#[no_mangle]
pub fn work(x: u32, names: &mut [&'static str]) -> u32 {
    let _guard = Guard(x);
    //+ FRESH.set(FRESH.get() + MORE.fetch_add(2, Ordering::Relaxed));
    //+ names[x as usize] = "three";
    SEEN.set(SEEN.get() + x);
    names[0] = NAMES[x as usize];
    let add = move |y: u32| y.wrapping_mul(x) + 1;
    helper(add(2))
}

#[no_mangle]
pub fn other(x: u32) -> u32 {
    //+ return unsafe { member(x) + imported(x) };
    unsafe { imported(x) }
}
