pub fn double(amount: u32) -> u32 {
    amount * 2
}

/// Each unit that takes its address has a copy of its own, all of one name.
#[inline(always)]
pub fn twice(amount: u32) -> u32 {
    amount * 2
}
