//! What fuzzing found, each made from an input of the corpus by the one change that mattered.

use nx_hotpatch_fuzz::corpus::Corpus;
use nx_hotpatch_fuzz::parts::{pack, unpack};
use nx_hotpatch_fuzz::targets::{find, Room};
use object::elf::{STT_SECTION, STT_TLS};
use object::{Object, ObjectSection, ObjectSymbol, SymbolFlags};
use std::path::Path;
use std::sync::OnceLock;

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("found");
        std::fs::create_dir_all(&folder).expect("a folder for the corpus");
        Corpus::make(&folder)
    })
}

fn input(target: &str, name: &str) -> Vec<u8> {
    let inputs = corpus().inputs(target);
    let found = inputs.into_iter().find(|(of, _)| of == name);
    found.expect("an input of this name").1
}

fn outcome(target: &str, data: &[u8]) -> Result<(), String> {
    (find(target).expect("a target").reaches)(data)
}

/// Gives the symbols of one kind (`STT_*`) in sections of a name another value; says how many there were.
fn move_symbols(file: &mut [u8], kind: u8, section: &str, value: u64) -> usize {
    let places: Vec<usize> = {
        let elf = object::File::parse(&*file).expect("a whole file");
        let (table, _) = elf
            .section_by_name(".symtab")
            .and_then(|table| table.file_range())
            .expect("a symbol table");
        let wanted = elf.symbols().filter(|symbol| {
            let of = symbol.section_index();
            let of = of.and_then(|index| elf.section_by_index(index).ok());
            let SymbolFlags::Elf { st_info, .. } = symbol.flags() else {
                return false;
            };
            st_info.0 & 15 == kind
                && of.is_some_and(|of| of.name().is_ok_and(|name| name.starts_with(section)))
        });
        // st_value is the fifth field of 24 bytes.
        wanted
            .map(|symbol| table as usize + 24 * symbol.index().0 + 8)
            .collect()
    };
    for place in &places {
        file[*place..*place + 8].copy_from_slice(&value.to_le_bytes());
    }
    places.len()
}

#[test]
fn room_for_thread_locals_at_the_end_of_all_addresses_is_no_room() {
    for (tp_offset, tls_used) in [
        (i64::MAX, 0),
        (0, u64::MAX - 3),
        (i64::MAX - 8, u64::MAX / 2),
    ] {
        let change = input("linker", "state-plain");
        let mut files = unpack::<6>(&change).map(<[u8]>::to_vec);
        files[5] = Room {
            tp_offset,
            tls_used,
            ..Room::ORDINARY
        }
        .write();
        let said = outcome("linker", &pack(&files)).expect_err("a refusal");
        assert!(
            said.contains("thread-locals-exhausted") || said.contains("out-of-range"),
            "{said}"
        );
    }
}

#[test]
fn a_thread_local_far_outside_of_its_block_is_read_without_overflow() {
    let mut image = input("object", "state-plain.so");
    assert!(move_symbols(&mut image, STT_TLS.0, ".t", 1 << 63) > 0);
    let _ = outcome("object", &image);
}

#[test]
fn an_exception_table_past_the_end_of_all_addresses_is_refused() {
    let change = input("linker", "state-plain");
    let mut files = unpack::<6>(&change).map(<[u8]>::to_vec);
    let moved = move_symbols(
        &mut files[1],
        STT_SECTION.0,
        ".gcc_except_table",
        u64::MAX - 64,
    );
    assert!(moved > 0);
    let said = outcome("linker", &pack(&files)).expect_err("a refusal");
    assert!(said.contains("corrupt-object"), "{said}");
}
