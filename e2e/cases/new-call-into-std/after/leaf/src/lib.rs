pub fn double(amount: u32) -> u32 {
    let words: std::collections::BTreeSet<String> =
        "to be or not to be".split_whitespace().map(str::to_uppercase).collect();
    amount * 2 + words.len() as u32 * 100
}
