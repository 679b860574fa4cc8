pub fn price(amount: u32) -> u32 {
    leaf::double(amount) + 1000
}
