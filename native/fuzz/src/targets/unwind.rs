//! What the linker reads of an object besides its blocks: unwind tables and debug sections.

use super::Target;
use crate::mutate::Form;
use hotpatch_engine::format::unit::Unit;
use hotpatch_engine::format::Elf;
use hotpatch_engine::link::debug::{self, Contribution};
use hotpatch_engine::link::unwind::{self, Frames, Placed};
use object::SectionIndex;
use std::path::Path;

pub const TARGET: Target = Target {
    name: "unwind",
    run: |data| drop(read(data)),
    reaches: read,
    form: Form::File,
};

fn read(data: &[u8]) -> Result<(), String> {
    let unit = Unit::parse("fuzz", Path::new("fuzz.o"), data.into()).map_err(|e| e.to_string())?;
    let elf = unit.elf().map_err(|e| e.to_string())?;
    let frames = frames(&elf);
    // Every other section is in the patch.
    let address = |section: SectionIndex| {
        (section.0.is_multiple_of(2)).then_some(0x1000u64.wrapping_mul(section.0 as u64))
    };
    debug::reach(&elf, |section| address(section).is_some());
    let sections = debug::collect(&[Contribution {
        elf: &elf,
        name: "fuzz",
        address: &address,
    }]);
    sections.map_err(|e| e.to_string())?;
    frames
}

/// The size that the layout is made for must be the size that is written.
fn frames(elf: &Elf<'_>) -> Result<(), String> {
    let frames = Frames::read(elf).map_err(|e| e.to_string())?;
    let placed: Vec<Placed<'_, '_>> = frames
        .iter()
        .map(|frame| Placed {
            frame,
            address: 0x1000,
            lsda: frame.lsda.map(|lsda| lsda.offset),
        })
        .collect();
    let table = unwind::emit(&placed, 0x2000, |_| Some(0x3000)).map_err(|e| e.to_string())?;
    assert_eq!(table.bytes.len() as u64, unwind::size(frames.iter()));
    for frame in frames.iter() {
        assert!(frames.of(frame.section).contains(frame));
        assert!(frames.at(frame.section, frame.offset).is_some());
        frame.personality();
    }
    Ok(())
}
