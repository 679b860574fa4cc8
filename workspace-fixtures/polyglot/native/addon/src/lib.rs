//! What the gateway calls.
use napi_derive::napi;

/// @param parcel a `Parcel` of the contract, as JSON
/// @returns a `Quote`, as JSON
#[napi]
pub fn quote(parcel: String) -> napi::Result<String> {
    answer(&parcel).map_err(napi::Error::from_reason)
}

fn answer(parcel: &str) -> Result<String, String> {
    let quote = pricing::quote(&contract::read(parcel)?)?;
    Ok(contract::write(&quote))
}
