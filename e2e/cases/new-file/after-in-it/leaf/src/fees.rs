pub fn fee(amount: u32) -> u32 {
    amount * 200
}
