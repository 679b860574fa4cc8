use std::collections::BTreeSet;
use std::net::IpAddr;

pub fn double(amount: u32) -> u32 {
    let words: BTreeSet<&str> = "to be or not to be".split_whitespace().collect();
    let parsed = "::1".parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    amount * 2 + words.len() as u32 * 100 + u32::from(parsed) * 1000
}
