//! Debug information of an image: right for what is in it, silent about what is not.
use crate::linker::{link, Input, Linked};
use crate::objects;
use crate::readers::some;
use crate::reading::{dwarf, section, Slice};
use gimli::AttributeValue;

fn images() -> Vec<(u16, Linked)> {
    let input = |bytes| {
        [Input {
            name: "subject",
            bytes,
            keep: &some,
        }]
    };
    vec![
        (4, link(&input(objects::dwarf4()))),
        (5, link(&input(objects::dwarf5()))),
    ]
}

/// The line of `subject.rs` that holds a text, from 1.
fn line_of(text: &str) -> u64 {
    let source = std::fs::read_to_string(objects::source("subject.rs")).unwrap();
    source.lines().position(|line| line.contains(text)).unwrap() as u64 + 1
}

/// Address, file and line of every row, and the first address of every sequence.
fn rows(dwarf: &gimli::Dwarf<Slice<'_>>) -> (Vec<(u64, String, u64)>, Vec<u64>) {
    let (mut all, mut starts) = (Vec::new(), Vec::new());
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let mut rows = unit.line_program.clone().unwrap().rows();
        let mut first = true;
        while let Some((header, row)) = rows.next_row().unwrap() {
            if std::mem::replace(&mut first, row.end_sequence()) {
                starts.push(row.address());
            }
            let Some(line) = row.line().filter(|_| !row.end_sequence()) else {
                continue;
            };
            let file = row.file(header).unwrap();
            let name = dwarf
                .attr_string(&unit, file.path_name())
                .unwrap()
                .to_string_lossy()
                .into_owned();
            all.push((row.address(), name, line.get()));
        }
    }
    (all, starts)
}

#[test]
fn lines_of_lifted_functions_are_right() {
    for (version, linked) in images() {
        let file = object::File::parse(&*linked.bytes).unwrap();
        let (rows, _) = rows(&dwarf(&file));
        let square = linked
            .functions
            .iter()
            .find(|function| function.name == "square")
            .unwrap();
        let within = square.address..square.address + square.size;
        let lines: Vec<u64> = rows
            .iter()
            .filter(|(address, ..)| within.contains(address))
            .inspect(|(_, name, _)| {
                assert!(
                    name.ends_with("subject.rs") || name.contains("uint_macros"),
                    "{name}"
                )
            })
            .map(|(.., line)| *line)
            .collect();
        assert_eq!(
            lines.first(),
            Some(&line_of("fn square")),
            "DWARF {version}"
        );
        assert!(
            lines.contains(&line_of("let y = x")),
            "DWARF {version}: {lines:?}"
        );
    }
}

/// Start of every function that has one, and its name (an inlined function's own copy has none).
fn functions(dwarf: &gimli::Dwarf<Slice<'_>>) -> Vec<(Option<String>, u64)> {
    let mut all = Vec::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs().unwrap() {
            if entry.tag() != gimli::DW_TAG_subprogram {
                continue;
            }
            let start = match entry.attr_value(gimli::DW_AT_low_pc) {
                Some(AttributeValue::Addr(address)) => address,
                Some(AttributeValue::DebugAddrIndex(index)) => dwarf.address(&unit, index).unwrap(),
                _ => continue,
            };
            let name = entry
                .attr_value(gimli::DW_AT_linkage_name)
                .or(entry.attr_value(gimli::DW_AT_name));
            let name = name.map(|name| {
                dwarf
                    .attr_string(&unit, name)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            });
            all.push((name, start));
        }
    }
    all
}

#[test]
fn functions_that_are_not_lifted_stand_nowhere() {
    for (version, linked) in images() {
        let file = object::File::parse(&*linked.bytes).unwrap();
        let dwarf = dwarf(&file);
        let mut dropped = 0;
        for (name, start) in functions(&dwarf) {
            let Some(name) = name else {
                assert!(
                    start == 0
                        || linked
                            .functions
                            .iter()
                            .any(|function| function.address == start)
                );
                continue;
            };
            let lifted = linked
                .functions
                .iter()
                .find(|function| function.name == name);
            dropped += usize::from(lifted.is_none());
            assert_eq!(
                start,
                lifted.map_or(0, |function| function.address),
                "DWARF {version}: {name}"
            );
        }
        assert!(dropped > 5, "DWARF {version}");
        for start in rows(&dwarf).1 {
            let lifted = linked
                .functions
                .iter()
                .any(|function| function.address == start);
            assert!(start == 0 || lifted, "DWARF {version}: rows at {start:#x}");
        }
    }
}

#[test]
fn code_lies_above_whatever_a_reader_sees_at_zero() {
    for (version, linked) in images() {
        let file = object::File::parse(&*linked.bytes).unwrap();
        let dwarf = dwarf(&file);
        let text = section(&file, ".text").0;
        let mut units = dwarf.units();
        while let Some(header) = units.next().unwrap() {
            let unit = dwarf.unit(header).unwrap();
            let mut ranges = dwarf.unit_ranges(&unit).unwrap();
            let mut live = 0;
            while let Some(range) = ranges.next().unwrap() {
                assert!(
                    range.end <= text || range.begin >= text,
                    "DWARF {version}: {range:x?} over {text:#x}"
                );
                live += usize::from(range.begin >= text);
            }
            assert_eq!(live, linked.functions.len(), "DWARF {version}");
        }
    }
}

#[test]
fn statics_are_where_their_block_is() {
    for (version, linked) in images() {
        let file = object::File::parse(&*linked.bytes).unwrap();
        let (address, data) = section(&file, ".data");
        let dwarf = dwarf(&file);
        let mut units = dwarf.units();
        let mut found = Vec::new();
        while let Some(header) = units.next().unwrap() {
            let unit = dwarf.unit(header).unwrap();
            let mut entries = unit.entries();
            while let Some(entry) = entries.next_dfs().unwrap() {
                let Some(name) = entry.attr_value(gimli::DW_AT_name) else {
                    continue;
                };
                let name = dwarf.attr_string(&unit, name).unwrap();
                if entry.tag() != gimli::DW_TAG_variable || name.slice() != b"COUNT" {
                    continue;
                }
                let Some(AttributeValue::Exprloc(location)) =
                    entry.attr_value(gimli::DW_AT_location)
                else {
                    continue;
                };
                let mut operations = location.operations(unit.encoding());
                match operations.next().unwrap().unwrap() {
                    gimli::Operation::Address { address } => found.push(address),
                    gimli::Operation::AddressIndex { index } => {
                        found.push(dwarf.address(&unit, index).unwrap())
                    }
                    operation => panic!("{operation:?}"),
                }
            }
        }
        // `.data` of this image is COUNT alone.
        assert_eq!((found, data.len()), (vec![address], 8), "DWARF {version}");
    }
}

#[test]
fn units_of_several_objects_keep_their_strings_and_types() {
    let linked = link(&[
        Input {
            name: "subject-5",
            bytes: objects::dwarf5(),
            keep: &some,
        },
        Input {
            name: "through",
            bytes: objects::through(),
            keep: &|_| true,
        },
        Input {
            name: "subject-4",
            bytes: objects::dwarf4(),
            keep: &some,
        },
    ]);
    let file = object::File::parse(&*linked.bytes).unwrap();
    let dwarf = dwarf(&file);
    let mut seen = Vec::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let name = unit.name.unwrap().to_string_lossy().into_owned();
        let name = name
            .split('/')
            .find(|part| part.contains('.'))
            .unwrap()
            .to_string();
        let mut ranges = dwarf.unit_ranges(&unit).unwrap();
        let mut live = Vec::new();
        while let Some(range) = ranges.next().unwrap() {
            live.extend((range.begin > 0).then_some(range.begin));
        }
        let known = live.iter().all(|start| {
            linked
                .functions
                .iter()
                .any(|function| function.address == *start)
        });
        assert!(known, "{name}: {live:x?}");
        seen.push((header.version(), name));
    }
    let expected = [(5, "subject.rs"), (4, "through.c"), (4, "subject.rs")];
    assert_eq!(
        seen,
        expected.map(|(version, name)| (version, name.to_string()))
    );
}
