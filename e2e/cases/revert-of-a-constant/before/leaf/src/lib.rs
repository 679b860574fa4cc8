pub const FACTOR: u32 = 2;

pub static NAMES: [&str; 2] = ["one", "two"];

pub fn double(amount: u32) -> u32 {
    amount * FACTOR
}

pub fn first_name() -> &'static str {
    NAMES[0]
}
