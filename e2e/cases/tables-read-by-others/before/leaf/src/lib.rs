static LOW: [u32; 2] = [1, 2];
static HIGH: [u32; 2] = [10, 20];

pub static RANGES: [&[u32; 2]; 2] = [&LOW, &HIGH];
pub static WORDS: &[&str] = &["zero", "one", "two"];
pub static TEXT: &str = include_str!("text.txt");
pub static BYTES: &[u8; 3] = include_bytes!("bytes.bin");
pub const RATIO: f64 = 1.25;
pub const ROW: [f32; 4] = [0.5, 1.5, 2.5, 3.5];

#[inline(never)]
pub fn double(amount: u32) -> u32 {
    amount * 2
}

#[inline(never)]
pub fn looked_up(at: usize) -> u32 {
    match at {
        0 => 7,
        1 => 31,
        2 => 2,
        3 => 1999,
        4 => 64,
        _ => 0,
    }
}

#[inline(never)]
pub fn scaled(amount: f64) -> f64 {
    amount * 3.5 + 0.125
}

#[inline(never)]
pub fn promoted() -> &'static [u32] {
    &[3, 1, 4, 1, 5]
}
