pub fn fee() -> u32 {
    rate() * 10
}

fn rate() -> u32 {
    10
}
