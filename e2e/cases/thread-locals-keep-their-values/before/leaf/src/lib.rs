use std::cell::Cell;

thread_local! {
    static COUNTED: Cell<u32> = const { Cell::new(100) };
}

pub fn counted() -> u32 {
    COUNTED.set(COUNTED.get() + 1);
    COUNTED.get()
}

pub fn double(amount: u32) -> u32 {
    amount * 2
}
