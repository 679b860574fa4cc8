#[inline(always)]
pub fn double(amount: u32) -> u32 {
    amount * 2
}
