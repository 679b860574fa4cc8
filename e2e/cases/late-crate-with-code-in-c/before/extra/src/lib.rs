unsafe extern "C" {
    fn counter_next() -> u32;
}

pub fn next() -> String {
    // SAFETY: one thread calls it.
    format!("{} {}", unsafe { counter_next() }, outside::calls())
}

pub fn peek() -> u32 {
    unsafe extern "C" {
        static counted: u32;
    }
    // SAFETY: as above.
    unsafe { counted }
}
