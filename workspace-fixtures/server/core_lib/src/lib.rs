//! What a thing costs.

/// The price of `pieces` things at `cents` each, with the discount for many, as a text in euros.
pub fn price(cents: u64, pieces: u64) -> String {
    let full = cents * pieces;
    text::euros(full - discount(full, pieces))
}

fn discount(full: u64, pieces: u64) -> u64 {
    if pieces >= 10 { full / 10 } else { 0 }
}
