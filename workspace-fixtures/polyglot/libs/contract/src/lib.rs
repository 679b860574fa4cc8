//! The contract itself is generated: `nx run contracts:generate`.
#[rustfmt::skip]
mod generated;

pub use generated::*;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// # Errors
/// Says in words where the text is not what the contract says.
pub fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

pub fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("types of the contract have text keys alone")
}
