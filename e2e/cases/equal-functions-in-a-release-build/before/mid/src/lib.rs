pub fn price(amount: u32) -> u32 {
    leaf::double(amount) ^ leaf::triple(amount)
}
