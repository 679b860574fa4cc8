pub fn double(amount: u32) -> u32 {
    first(amount) * 1000 + second(amount)
}

#[inline(never)]
fn first(amount: u32) -> u32 {
    amount.rotate_left(4)
}

#[inline(never)]
fn second(amount: u32) -> u32 {
    amount.rotate_left(4)
}
