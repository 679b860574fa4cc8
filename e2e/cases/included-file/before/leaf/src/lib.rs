pub fn double(amount: u32) -> u32 {
    amount * 2 + include_str!("words.txt").len() as u32 * 100
}
