#[inline(never)]
pub fn within(amount: u32) -> u32 {
    leaf::within(amount) ^ 0x2000
}

#[inline(never)]
pub fn plain(amount: u32) -> u32 {
    leaf::plain(amount) ^ 0x2000
}

#[inline(never)]
pub fn marked(amount: u32) -> u32 {
    leaf::marked(amount) ^ 0x2000
}

#[inline(never)]
pub fn forced(amount: u32) -> u32 {
    leaf::forced(amount) ^ 0x2000
}

#[inline(never)]
pub fn generic(amount: u32) -> u32 {
    leaf::generic(amount) ^ 0x2000
}
