#[inline(never)]
pub fn double(amount: u32) -> u32 {
    amount.wrapping_mul(77).rotate_left(3) ^ 5
}

#[inline(never)]
pub fn triple(amount: u32) -> u32 {
    amount.wrapping_mul(77).rotate_left(3) ^ 6
}
