//! The loader's view of a patch image, as far as it goes without mapping anything.

use super::Target;
use crate::mutate::Form;
use nx_hotpatch_loader::image::{notes, plan::Plan, PatchImage};

pub const TARGET: Target = Target {
    name: "image",
    run: |data| drop(read(data)),
    reaches: read,
    form: Form::File,
};

/// What the loader relies on, once an image is accepted, when it copies and relocates it.
pub fn read(data: &[u8]) -> Result<(), String> {
    notes::build_id(data);
    let _ = Plan::read(data);
    let image = PatchImage::read(data).map_err(|refusal| refusal.message)?;
    let size = image.size();
    let mut end = 0;
    for segment in &image.segments {
        assert!(
            segment.address >= end,
            "segments in order, none over another"
        );
        end = segment.address + segment.size;
        let contents = image.contents(segment);
        assert_eq!(contents.len(), segment.file_size);
        assert!(segment.address + contents.len() <= size);
    }
    for relocation in &image.relocations {
        assert!(relocation.place + 8 <= size);
    }
    if let Some(tls) = image.plan.tls {
        assert_eq!(image.thread_local_image().len() as u64, tls.file_size);
    }
    Ok(())
}
