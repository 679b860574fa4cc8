use std::cell::Cell;

thread_local! {
    static ONES: Cell<u32> = const { Cell::new(0) };
    static TENS: Cell<u32> = const { Cell::new(0) };
}

#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 {
    ONES.set(ONES.get() + 1);
    TENS.set(TENS.get() + 10);
    sum()
}

#[inline(never)]
fn sum() -> u32 {
    ONES.get() + TENS.get()
}
