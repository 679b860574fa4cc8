//! Small files that ask for more memory, time or stack than there is.

use hotpatch_engine::diff::content::Contents;
use hotpatch_engine::format::host::HostImage;
use hotpatch_engine::format::unit::Unit;
use std::path::Path;

/// gABI: the fields of an ELF64 section header.
#[derive(Clone, Copy, Default)]
struct Header {
    name: u32,
    kind: u32,
    flags: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    entry_size: u64,
}

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const RELA: u32 = 4;
const NOBITS: u32 = 8;
const ALLOC: u64 = 2;

/// The file header of a relocatable object for x86_64; the section headers follow at once.
fn object(headers: &[Header], contents: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([1u16, 62].iter().flat_map(|half| half.to_le_bytes()));
    file.extend(1u32.to_le_bytes());
    file.extend([0, 0, 64u64].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(0u32.to_le_bytes());
    file.extend(
        [64u16, 56, 0, 64, headers.len() as u16, 1]
            .iter()
            .flat_map(|half| half.to_le_bytes()),
    );
    let start = 64 + 64 * headers.len() as u64;
    for header in headers {
        file.extend(header.name.to_le_bytes());
        file.extend(header.kind.to_le_bytes());
        file.extend(header.flags.to_le_bytes());
        file.extend(0u64.to_le_bytes());
        file.extend((start + header.offset).to_le_bytes());
        file.extend(header.size.to_le_bytes());
        file.extend(header.link.to_le_bytes());
        file.extend(header.info.to_le_bytes());
        file.extend(8u64.to_le_bytes());
        file.extend(header.entry_size.to_le_bytes());
    }
    file.extend(contents);
    file
}

/// The null section and an empty table of names.
fn first_headers() -> Vec<Header> {
    vec![
        Header::default(),
        Header {
            kind: STRTAB,
            size: 1,
            ..Header::default()
        },
    ]
}

fn refusal(file: Vec<u8>) -> String {
    let unit = Unit::parse("large", Path::new("large.o"), file.into());
    unit.expect_err("a refusal").to_string()
}

#[test]
fn an_object_whose_sections_are_all_the_same_megabyte_is_refused() {
    let mut headers = first_headers();
    headers.resize(
        20_000,
        Header {
            kind: PROGBITS,
            flags: ALLOC,
            size: 1 << 20,
            ..Header::default()
        },
    );
    let said = refusal(object(&headers, &vec![0; 1 << 20]));
    assert_eq!(said, "large.o: damaged: its sections overlap");
}

#[test]
fn an_object_whose_code_takes_gigabytes_and_has_no_bytes_is_refused() {
    let mut headers = first_headers();
    headers.push(Header {
        kind: NOBITS,
        flags: ALLOC,
        size: 1 << 40,
        ..Header::default()
    });
    assert_eq!(
        refusal(object(&headers, &[0])),
        "large.o: damaged object: section  has a size and no contents"
    );
}

#[test]
fn an_object_whose_symbols_all_have_one_endless_name_is_refused() {
    const COUNT: usize = 10_000;
    let mut contents = vec![0];
    contents.resize(1 << 20, b'n');
    contents.push(0);
    let strings = contents.len() as u64;
    for _ in 0..COUNT {
        let mut symbol = [0; 24];
        symbol[0] = 1;
        contents.extend(symbol);
    }
    let mut headers = first_headers();
    headers[1].size = strings;
    headers.push(Header {
        kind: SYMTAB,
        offset: strings,
        size: 24 * COUNT as u64,
        link: 1,
        entry_size: 24,
        ..Header::default()
    });
    let said = refusal(object(&headers, &contents));
    assert_eq!(said, "large.o: damaged: its names overlap");
}

/// What `const LIST: &Node = &Node { next: Some(&Node { .. }) }` becomes: an anonymous constant for each node.
#[test]
fn a_list_of_constants_as_long_as_a_file_may_be_has_a_meaning() {
    const LENGTH: usize = 20_000;
    // Null, names, then node and relocations by turns, symbols.
    let node = |index: usize| 2 + 2 * index;
    let table = node(LENGTH);
    let mut headers = first_headers();
    let mut contents = vec![0; 8];
    for index in 0..LENGTH {
        let offset = contents.len() as u64;
        // R_X86_64_64 against the section symbol of the next node, which has the node's number.
        let next = (index as u64 + 1) % LENGTH as u64 + 1;
        let words = [index as u64, 0, next << 32 | 1, 0];
        contents.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        headers.push(Header {
            kind: PROGBITS,
            flags: ALLOC,
            offset,
            size: 8,
            ..Header::default()
        });
        headers.push(Header {
            kind: RELA,
            offset: offset + 8,
            size: 24,
            link: table as u32,
            info: node(index) as u32,
            entry_size: 24,
            ..Header::default()
        });
    }
    let offset = contents.len() as u64;
    contents.extend([0; 24]);
    for index in 0..LENGTH {
        let mut symbol = [0; 24];
        symbol[4] = 3; // STT_SECTION
        symbol[6..8].copy_from_slice(&(node(index) as u16).to_le_bytes());
        contents.extend(symbol);
    }
    headers.push(Header {
        kind: SYMTAB,
        offset,
        size: 24 * (LENGTH as u64 + 1),
        link: 1,
        entry_size: 24,
        ..Header::default()
    });
    let file = object(&headers, &contents);
    let unit = Unit::parse("list", Path::new("list.o"), file.clone().into()).expect("a list");
    assert_eq!(unit.relocations(node(7)).len(), 1);
    let whole = Contents::new(&unit).section(node(0));
    // The last node's number is a part of what the first one means.
    let mut edited = file;
    let last = 64 * (1 + headers.len()) + 8 + 32 * (LENGTH - 1);
    edited[last] ^= 1;
    let edited = Unit::parse("list", Path::new("list.o"), edited.into()).expect("a list");
    assert_ne!(Contents::new(&edited).section(node(0)), whole);
}

#[test]
fn an_image_that_loads_one_megabyte_ten_thousand_times_is_refused() {
    const COUNT: u16 = 10_000;
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([3u16, 62].iter().flat_map(|half| half.to_le_bytes()));
    file.extend(1u32.to_le_bytes());
    file.extend([0, 64, 0u64].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(0u32.to_le_bytes());
    file.extend(
        [64u16, 56, COUNT, 64, 0, 0]
            .iter()
            .flat_map(|half| half.to_le_bytes()),
    );
    for _ in 0..COUNT {
        file.extend([1u32, 4].iter().flat_map(|half| half.to_le_bytes()));
        file.extend(
            [0, 0, 0, 1 << 20, 1 << 20, 4096u64]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
    }
    file.resize(file.len() + (1 << 20), 0);
    let said = HostImage::parse(Path::new("large"), file).expect_err("a refusal");
    assert_eq!(
        said.to_string(),
        "large: damaged image: its segments overlap"
    );
}
