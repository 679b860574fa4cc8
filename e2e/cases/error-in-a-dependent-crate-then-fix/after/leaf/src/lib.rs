pub fn double(amount: u32) -> u32 {
    amount * 5
}

pub fn half(amount: u32) -> u32 {
    amount / 2
}
