//! As little as there can be around a function, a table, a static and a call, so that many inputs are tried.
#![no_std]
use core::sync::atomic::{AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(1);
static TABLE: [u8; 4] = [1, 2, 3, 4];
//+ static MORE: AtomicU32 = AtomicU32::new(40);

extern "C" {
    fn member(x: u32) -> u32;
}

pub struct Pair {
    a: u8,
    b: u32,
}

#[inline(never)]
fn helper(pair: &Pair) -> u32 {
    pair.b ^ u32::from(TABLE[(pair.a & 3) as usize])
}

#[no_mangle]
pub fn work(x: u32) -> u32 {
    let count = COUNT.load(Ordering::Relaxed);
    //+ let count = count ^ MORE.load(Ordering::Relaxed) ^ unsafe { member(x) };
    helper(&Pair { a: 1, b: x ^ count })
}
