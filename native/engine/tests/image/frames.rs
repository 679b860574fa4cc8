//! The unwind table of an image says of each function what its object said.
use crate::linker::{link, Input, Linked};
use crate::objects;
use crate::readers::{everything, some};
use crate::reading::{memory, section, unwind};
use gimli::{CieOrFde, EhFrame, LittleEndian, Pointer, UnwindSection};
use hotpatch_engine::format::Elf;
use hotpatch_engine::link::unwind::Frames;
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget};
use std::collections::BTreeMap;

fn image(keep: &dyn Fn(&str) -> bool) -> Linked {
    link(&[
        Input {
            name: "subject",
            bytes: objects::dwarf4(),
            keep,
        },
        Input {
            name: "through",
            bytes: objects::through(),
            keep: &everything,
        },
    ])
}

#[test]
fn every_function_is_covered_by_its_own_frame() {
    let linked = image(&some);
    let file = object::File::parse(&*linked.bytes).unwrap();
    let (frames, header, bases) = unwind(&file);
    let header = header.parse(&bases, 8).unwrap();
    let table = header.table().unwrap();
    assert!(linked.functions.len() > 8);
    for function in &linked.functions {
        let found = table.fde_for_address(
            &frames,
            &bases,
            function.address + function.size - 1,
            EhFrame::cie_from_offset,
        );
        let fde = found.unwrap_or_else(|error| panic!("{}: {error}", function.name));
        assert_eq!(
            (fde.initial_address(), fde.len()),
            (function.address, function.size),
            "{}",
            function.name
        );
    }
}

#[test]
fn the_search_table_is_sorted_and_complete() {
    let linked = image(&everything);
    let file = object::File::parse(&*linked.bytes).unwrap();
    let (frames, header, bases) = unwind(&file);
    let header = header.parse(&bases, 8).unwrap();
    let mut rows = Vec::new();
    let table = header.table().unwrap();
    let mut iter = table.iter(&bases);
    while let Some((function, fde)) = iter.next().unwrap() {
        rows.push((direct(function), direct(fde)));
    }
    assert!(rows.is_sorted());
    let mut entries = Vec::new();
    let mut iter = frames.entries(&bases);
    while let Some(entry) = iter.next().unwrap() {
        if let CieOrFde::Fde(partial) = entry {
            let fde = partial.parse(EhFrame::cie_from_offset).unwrap();
            entries.push((
                fde.initial_address(),
                section(&file, ".eh_frame").0 + fde.offset() as u64,
            ));
        }
    }
    entries.sort_unstable();
    assert_eq!(rows, entries);
}

#[test]
fn cies_that_say_the_same_are_one() {
    let linked = image(&everything);
    let file = object::File::parse(&*linked.bytes).unwrap();
    let (frames, _, bases) = unwind(&file);
    let mut cies = 0;
    let mut iter = frames.entries(&bases);
    while let Some(entry) = iter.next().unwrap() {
        cies += usize::from(matches!(entry, CieOrFde::Cie(_)));
    }
    // Without personality, `rust_eh_personality` and `__gcc_personality_v0`.
    assert_eq!(cies, 3);
}

/// Unwind rows by function: offset in the function, and the rules from there, as gimli prints them.
type Rows = BTreeMap<String, Vec<(u64, String)>>;

fn rows(
    fde: &gimli::FrameDescriptionEntry<crate::reading::Slice<'_>>,
    frames: &EhFrame<crate::reading::Slice<'_>>,
    bases: &gimli::BaseAddresses,
) -> Vec<(u64, String)> {
    let mut context = gimli::UnwindContext::new();
    let mut table = fde.rows(frames, bases, &mut context).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = table.next_row().unwrap() {
        let registers: Vec<String> = row.registers().map(|rule| format!("{rule:?}")).collect();
        rows.push((
            row.start_address() - fde.initial_address(),
            format!("{:?} {registers:?}", row.cfa()),
        ));
    }
    rows
}

/// What the object's table says, read by gimli, with the relocations of PC begin as the only help.
fn rows_of_object(bytes: &[u8]) -> Rows {
    let file = object::File::parse(bytes).unwrap();
    let section = file.section_by_name(".eh_frame").unwrap();
    let frames = EhFrame::new(section.data().unwrap(), LittleEndian);
    let functions: BTreeMap<u64, String> = section
        .relocations()
        .filter_map(|(place, relocation)| {
            let RelocationTarget::Symbol(symbol) = relocation.target() else {
                return None;
            };
            let section = file.symbol_by_index(symbol).unwrap().section_index()?;
            Some((
                place,
                file.section_by_index(section)
                    .unwrap()
                    .name()
                    .unwrap()
                    .to_string(),
            ))
        })
        .collect();
    let bases = gimli::BaseAddresses::default().set_eh_frame(0);
    let mut all = Rows::new();
    let mut iter = frames.entries(&bases);
    while let Some(entry) = iter.next().unwrap() {
        if let CieOrFde::Fde(partial) = entry {
            let fde = partial.parse(EhFrame::cie_from_offset).unwrap();
            let function = functions[&(fde.offset() as u64 + 8)].trim_start_matches(".text.");
            all.insert(function.to_string(), rows(&fde, &frames, &bases));
        }
    }
    all
}

#[test]
fn unwind_rules_are_those_of_the_objects() {
    let linked = image(&some);
    let file = object::File::parse(&*linked.bytes).unwrap();
    let (frames, _, bases) = unwind(&file);
    let mut expected = rows_of_object(objects::dwarf4());
    expected.extend(rows_of_object(objects::through()));
    for function in &linked.functions {
        let fde = frames
            .fde_for_address(&bases, function.address, EhFrame::cie_from_offset)
            .unwrap();
        assert_eq!(
            rows(&fde, &frames, &bases),
            expected[&function.name],
            "{}",
            function.name
        );
    }
}

#[test]
fn lsdas_and_personalities_are_reached() {
    let linked = image(&some);
    let file = object::File::parse(&*linked.bytes).unwrap();
    let (frames, _, bases) = unwind(&file);
    let object = object::File::parse(objects::dwarf4()).unwrap();
    let mut with_lsda = 0;
    for function in linked
        .functions
        .iter()
        .filter(|function| function.name.starts_with("_ZN"))
    {
        let fde = frames
            .fde_for_address(&bases, function.address, EhFrame::cie_from_offset)
            .unwrap();
        let lsda = object.section_by_name(&format!(".gcc_except_table.{}", function.name));
        assert_eq!(fde.lsda().is_some(), lsda.is_some(), "{}", function.name);
        let (Some(pointer), Some(lsda)) = (fde.lsda(), lsda) else {
            continue;
        };
        with_lsda += 1;
        let data = lsda.data().unwrap();
        assert_eq!(
            memory(&file, direct(pointer), data.len()),
            data,
            "{}",
            function.name
        );
        let Some(Pointer::Indirect(slot)) = fde.personality() else {
            panic!("{}", function.name)
        };
        assert_eq!(import_at(&file, slot), "rust_eh_personality");
    }
    assert!(with_lsda >= 2);
}

/// The import that the dynamic linker writes to an address.
fn import_at(file: &object::File<'_>, address: u64) -> String {
    let mut relocations = file.dynamic_relocations().unwrap();
    let (_, relocation) = relocations.find(|(place, _)| *place == address).unwrap();
    let RelocationTarget::Symbol(symbol) = relocation.target() else {
        panic!("{address:#x}")
    };
    let table = object::Object::dynamic_symbol_table(file).unwrap();
    object::ObjectSymbolTable::symbol_by_index(&table, symbol)
        .unwrap()
        .name()
        .unwrap()
        .to_string()
}

fn direct(pointer: Pointer) -> u64 {
    match pointer {
        Pointer::Direct(address) => address,
        Pointer::Indirect(_) => panic!("{pointer:?}"),
    }
}

#[test]
fn an_object_without_frames_has_none() {
    let mut rustc = std::process::Command::new("rustc");
    let empty = objects::folder().join(format!("empty-{}.rs", std::process::id()));
    std::fs::write(&empty, "pub const X: u8 = 1;").unwrap();
    rustc
        .args(["--crate-type", "rlib", "--emit", "obj"])
        .arg(&empty);
    let object = objects::made_by(&mut rustc, "empty");
    std::fs::remove_file(empty).unwrap();
    let elf = Elf::parse(&*object).unwrap();
    assert_eq!(Frames::read(&elf).unwrap().iter().count(), 0);
}
