//! An image that changes what is there and brings nothing: restores and constants in place. It is not mapped.

use super::build_id;
use super::elf::{self, Contents, ImageSpec, Layout};
use super::graph::damaged;
use super::manifest::{self, Effects};
use crate::live::Live;
use crate::reason::Reason;

pub fn image(
    live: &Live,
    patch: u64,
    offset: i64,
    effects: &Effects<'_>,
) -> Result<Vec<u8>, Reason> {
    let spec = ImageSpec {
        build_id: build_id(live, patch),
        ..ImageSpec::default()
    };
    let layout = Layout::new(&spec).map_err(damaged)?;
    let plan = manifest::json(&live.host.build_id, patch, offset, effects);
    let contents = Contents {
        plan: plan.as_bytes(),
        ..Contents::default()
    };
    elf::write(&spec, &layout, &contents).map_err(damaged)
}
