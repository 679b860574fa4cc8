pub fn double(amount: u32) -> u32 {
    fee(amount) + amount * 2
}

fn fee(amount: u32) -> u32 {
    amount * 100
}
