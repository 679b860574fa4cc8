pub fn shown(amount: u32) -> String {
    format!("#{amount}")
}

pub fn stays(amount: u32) -> u32 {
    amount + 1
}
