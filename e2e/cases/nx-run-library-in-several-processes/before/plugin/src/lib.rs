use std::cell::Cell;

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 {
    ASKED.set(ASKED.get() + 1);
    number()
}

fn number() -> u32 {
    ASKED.get()
}
