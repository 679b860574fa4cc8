//! Damaged objects are errors, or read as something else; they are never a panic.
use crate::objects;
use hotpatch_engine::format::Elf;
use hotpatch_engine::link::debug::{self, Contribution};
use hotpatch_engine::link::unwind::{self, Frames, Placed};
use object::{Object, ObjectSection, SectionIndex};
use std::ops::Range;

/// Reads what there is to read; says whether all of it was good.
fn survives(bytes: &[u8]) -> bool {
    let Ok(elf) = Elf::parse(bytes) else {
        return false;
    };
    let address =
        |section: SectionIndex| (section.0.is_multiple_of(2)).then_some(0x1000 * section.0 as u64);
    let debug = debug::collect(&[Contribution {
        elf: &elf,
        name: "damaged",
        address: &address,
    }]);
    debug::reach(&elf, |section| address(section).is_some());
    frames_survive(&elf) && debug.is_ok()
}

fn frames_survive(elf: &Elf<'_>) -> bool {
    let Ok(frames) = Frames::read(elf) else {
        return false;
    };
    let placed: Vec<Placed<'_, '_>> = frames
        .iter()
        .map(|frame| Placed {
            frame,
            address: 0x1000,
            lsda: frame.lsda.map(|lsda| lsda.offset),
        })
        .collect();
    let emitted = unwind::emit(&placed, 0x2000, |_| Some(0x3000));
    emitted.is_ok_and(|table| table.bytes.len() as u64 == unwind::size(frames.iter()))
}

fn range_of(bytes: &[u8], name: &str) -> Range<usize> {
    let file = object::File::parse(bytes).unwrap();
    let (start, size) = file.section_by_name(name).unwrap().file_range().unwrap();
    start as usize..(start + size) as usize
}

fn flip(bytes: &[u8], name: &str, step: usize) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    let mut damaged = bytes.to_vec();
    let range = range_of(bytes, name);
    for bit in (range.start * 8..range.end * 8).step_by(step) {
        damaged[bit / 8] ^= 1 << (bit % 8);
        if survives(&damaged) {
            good += 1;
        } else {
            bad += 1;
        }
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
    (good, bad)
}

#[test]
fn flipped_bits_of_frames_do_not_panic() {
    assert!(survives(objects::dwarf4()));
    let (good, bad) = flip(objects::dwarf4(), ".eh_frame", 7);
    // Most bits are CFA instructions and ranges, which mean something else, not nothing.
    assert!(good > 100 && bad > 100, "{good} {bad}");
    let (_, bad) = flip(objects::dwarf4(), ".rela.eh_frame", 11);
    assert!(bad > 50, "{bad}");
}

#[test]
fn flipped_bits_of_debug_relocations_do_not_panic() {
    for (object, sections) in [
        (
            objects::dwarf4(),
            [".rela.debug_info", ".rela.debug_ranges", ".rela.debug_line"],
        ),
        (
            objects::dwarf5(),
            [
                ".rela.debug_info",
                ".rela.debug_addr",
                ".rela.debug_str_offsets",
            ],
        ),
    ] {
        for section in sections {
            let (_, bad) = flip(object, section, 211);
            assert!(bad > 0, "{section}");
        }
    }
}

#[test]
fn flipped_bits_of_symbols_and_section_headers_do_not_panic() {
    let bytes = objects::dwarf4();
    flip(bytes, ".symtab", 61);
    let mut damaged = bytes.to_vec();
    let start = u64::from_le_bytes(bytes[40..48].try_into().unwrap()) as usize;
    for bit in (start * 8..bytes.len() * 8).step_by(61) {
        damaged[bit / 8] ^= 1 << (bit % 8);
        survives(&damaged);
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn a_cut_unwind_table_is_an_error() {
    let bytes = objects::dwarf4();
    let (header, size) = section_size(bytes, ".eh_frame");
    let mut damaged = bytes.to_vec();
    let mut whole = 0;
    for cut in 1..size {
        damaged[header..header + 8].copy_from_slice(&(size - cut).to_le_bytes());
        let elf = Elf::parse(&*damaged).unwrap();
        whole += usize::from(Frames::read(&elf).is_ok());
    }
    // A cut between two records leaves a good table.
    let records = Frames::read(&Elf::parse(bytes).unwrap())
        .unwrap()
        .iter()
        .count()
        + 2;
    assert!(whole <= records, "{whole} of {records}");
}

#[test]
fn a_cut_file_does_not_panic() {
    let bytes = objects::dwarf5();
    for length in (0..bytes.len()).step_by(97) {
        survives(&bytes[..length]);
    }
}

#[test]
fn a_compressed_section_is_refused_by_name() {
    let bytes = objects::dwarf4();
    let (size, _) = section_size(bytes, ".debug_info");
    let mut compressed = bytes.to_vec();
    // sh_flags stands 24 bytes before sh_size; SHF_COMPRESSED is bit 11.
    compressed[size - 24 + 1] |= 1 << 3;
    let elf = Elf::parse(&*compressed).unwrap();
    let error = debug::collect(&[Contribution {
        elf: &elf,
        name: "app.unit",
        address: &|_| None,
    }])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "app.unit: .debug_info is compressed: compile without -Zdebuginfo-compression"
    );
}

/// Where a section's `sh_size` stands in the file, and its value.
fn section_size(bytes: &[u8], name: &str) -> (usize, u64) {
    let file = object::File::parse(bytes).unwrap();
    let section = file.section_by_name(name).unwrap();
    let table = u64::from_le_bytes(bytes[40..48].try_into().unwrap()) as usize;
    (table + 64 * section.index().0 + 32, section.size())
}
