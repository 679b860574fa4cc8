//! Diff, link, commit, and the way back as a second patch; each image goes to the loader's checks.

use super::engine::{Engine, Input};
use super::{image, Target};
use crate::mutate::Form;

pub const TARGET: Target = Target {
    name: "linker",
    run: |data| drop(link(data)),
    reaches: link,
    form: Form::Files,
};

fn link(data: &[u8]) -> Result<(), String> {
    images(data).map(drop)
}

/// The image of the change, and that of taking it back.
pub fn images(data: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let input = Input::read(data);
    let engine = Engine::open(&input)?;
    let mut used = input.room.tls_used;
    let mut images = Vec::new();
    for (patch, unit) in [(1, &engine.new), (2, &engine.old)] {
        let plan = engine.diff(unit)?;
        let (linked, bytes) = engine.link(&plan, patch, used)?;
        if bytes.is_empty() {
            return Err(linked.to_string());
        }
        used = linked["tlsUsed"].as_u64().unwrap_or(used);
        image::read(&bytes)?;
        engine.commit(&plan)?;
        images.push(bytes);
    }
    Ok(images)
}
