use std::time::Duration;

pub fn double(amount: u32) -> u32 {
    let text = humantime::format_duration(Duration::from_secs(amount as u64)).to_string();
    amount * 2 + text.len() as u32 * 100
}
