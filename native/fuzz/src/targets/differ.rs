//! The differ: two versions of a unit and the image that the first is in.

use super::engine::{Engine, Input};
use super::Target;
use crate::mutate::Form;

pub const TARGET: Target = Target {
    name: "differ",
    run: |data| drop(diff(data)),
    reaches: diff,
    form: Form::Files,
};

fn diff(data: &[u8]) -> Result<(), String> {
    let input = Input::read(data);
    let engine = Engine::open(&input)?;
    let plan = engine.diff(&engine.new)?;
    match plan["functions"].as_array().map(Vec::len) {
        Some(changed) if changed > 0 => Ok(()),
        _ => Err(format!("nothing changed: {plan}")),
    }
}
