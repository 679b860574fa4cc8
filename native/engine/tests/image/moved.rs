//! The list of the addresses in debug sections: with it, the image's debug information can be moved as a whole.
use crate::linker::{link, Input};
use crate::objects;
use crate::readers::some;
use crate::reading::{dwarf, section, Slice};

/// Every range of addresses that a unit, a function, a block or an inlined call has.
fn ranges(dwarf: &gimli::Dwarf<Slice<'_>>) -> Vec<(u64, u64)> {
    let mut all = Vec::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs().unwrap() {
            let mut of_entry = dwarf.die_ranges(&unit, entry).unwrap();
            while let Some(range) = of_entry.next().unwrap() {
                all.push((range.begin, range.end));
            }
        }
    }
    all
}

/// Address of every row of the line tables.
fn rows(dwarf: &gimli::Dwarf<Slice<'_>>) -> Vec<u64> {
    let mut all = Vec::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        let mut rows = unit.line_program.clone().unwrap().rows();
        while let Some((_, row)) = rows.next_row().unwrap() {
            all.push(row.address());
        }
    }
    all
}

#[test]
fn debug_information_moves_with_the_words_that_are_listed() {
    const BIAS: u64 = 0x5555_0000_0000;
    for (version, object) in [(4, objects::dwarf4()), (5, objects::dwarf5())] {
        let linked = link(&[Input {
            name: "subject",
            bytes: object,
            keep: &some,
        }]);
        let mut moved = linked.bytes.to_vec();
        let file = object::File::parse(&*linked.bytes).unwrap();
        let (_, list) = section(&file, ".nx_hotpatch.addresses");
        assert!(!list.is_empty() && list.len() % 4 == 0, "DWARF {version}");
        for place in list.chunks(4) {
            let place = u32::from_le_bytes(place.try_into().unwrap()) as usize;
            let word = moved[place..].first_chunk_mut::<8>().unwrap();
            *word = (u64::from_le_bytes(*word) + BIAS).to_le_bytes();
        }
        let moved_file = object::File::parse(&*moved).unwrap();
        let (before, after) = (dwarf(&file), dwarf(&moved_file));

        // What is not in the image stands at 0 (or its own size behind it) and stays there.
        let text = section(&file, ".text").0;
        let shifted = |address: u64| {
            if address < text {
                address
            } else {
                address + BIAS
            }
        };
        let expected: Vec<(u64, u64)> = ranges(&before)
            .into_iter()
            .filter(|(begin, _)| *begin >= text)
            .map(|(begin, end)| (begin + BIAS, end + BIAS))
            .collect();
        let found: Vec<(u64, u64)> = ranges(&after)
            .into_iter()
            .filter(|(begin, _)| *begin >= text)
            .collect();
        assert!(!expected.is_empty(), "DWARF {version}");
        assert_eq!(found, expected, "DWARF {version}");
        let expected: Vec<u64> = rows(&before).into_iter().map(shifted).collect();
        assert_eq!(rows(&after), expected, "DWARF {version}");
    }
}
