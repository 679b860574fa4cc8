//! How a price is written.

/// `1250` cents as `12.50 EUR`.
pub fn euros(cents: u64) -> String {
    format!("{}.{:02} EUR", cents / 100, cents % 100)
}
