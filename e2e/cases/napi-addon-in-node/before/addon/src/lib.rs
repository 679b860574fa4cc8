//! What JavaScript calls.
mod behaviour;

use napi_derive::napi;

#[napi(catch_unwind)]
pub fn answer(line: String) -> String {
    behaviour::answer(&line)
}
