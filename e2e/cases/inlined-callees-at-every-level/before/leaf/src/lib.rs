#[inline(never)]
pub fn within(amount: u32) -> u32 {
    own(amount) ^ 0x1000
}

/// Has callers in its own crate alone.
fn own(amount: u32) -> u32 {
    amount * 2
}

pub fn plain(amount: u32) -> u32 {
    amount * 2
}

#[inline]
pub fn marked(amount: u32) -> u32 {
    amount * 2
}

#[inline(always)]
pub fn forced(amount: u32) -> u32 {
    amount * 2
}

pub fn generic<T: Into<u32>>(amount: T) -> u32 {
    amount.into() * 2
}
