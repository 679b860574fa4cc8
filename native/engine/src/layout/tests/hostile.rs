use super::sample::{compile, parse};
use crate::format::Elf;
use crate::layout::{compare, DebugTables, Error};
use object::{Object as _, ObjectSection as _};

const SOURCE: &str = "
    pub struct S { a: u32, b: Option<String> } pub enum E { A(S), B { x: u8 }, C }
    pub trait T { fn t(&self, e: &E) -> usize; } impl T for S { fn t(&self, e: &E) -> usize { std::mem::size_of_val(e) } }
    pub static LIMIT: u32 = 3;
    pub async fn wait(s: S) -> u32 { std::future::ready(()).await; s.a }
    pub fn make(k: u32) -> Box<dyn T> { drop(Box::pin(wait(S { a: k, b: None }))); let f = move |x: u32| x + k; Box::new(S { a: f(1), b: None }) }";

/// A small generator (xorshift64*), so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }
}

/// Reads whatever is there; only a panic is a failure.
fn read(object: &[u8]) {
    let Ok(elf) = Elf::parse(object) else { return };
    let Ok(tables) = DebugTables::read(&elf) else {
        return;
    };
    compare(&tables.types, &tables.types);
    for signature in tables.signatures.iter() {
        signature.display();
    }
    let text = serde_json::to_string(&tables).unwrap();
    let copy: DebugTables = serde_json::from_str(&text).unwrap();
    assert_eq!(compare(&tables.types, &copy.types), []);
}

/// File ranges of the debug sections and of their relocations.
fn debug_ranges(object: &[u8]) -> Vec<std::ops::Range<usize>> {
    let elf = parse(object);
    let is_debug = |name: &str| name.trim_start_matches(".rela").starts_with(".debug_");
    let ranges = elf
        .sections()
        .filter(|section| section.name().is_ok_and(is_debug))
        .filter_map(|section| section.file_range());
    ranges
        .map(|(start, size)| start as usize..(start + size) as usize)
        .filter(|range| !range.is_empty())
        .collect()
}

#[test]
fn flipped_bytes_never_panic() {
    for options in [&[][..], &["-O"], &["-C", "dwarf-version=5"]] {
        let object = compile(SOURCE, options);
        let ranges = debug_ranges(&object);
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for round in 0..1500 {
            let mut damaged = object.clone();
            for _ in 0..1 + round % 4 {
                let range = &ranges[random.below(ranges.len())];
                let at = range.start + random.below(range.len());
                damaged[at] = random.below(256) as u8;
            }
            read(&damaged);
        }
    }
}

#[test]
fn headers_and_abbreviations_with_flipped_bytes_never_panic() {
    // Damage where every byte counts, which chance alone would rarely hit in a large section.
    let object = compile(SOURCE, &[]);
    let elf = parse(&object);
    for name in [".debug_abbrev", ".debug_info"] {
        let (start, size) = elf.section_by_name(name).unwrap().file_range().unwrap();
        for at in 0..size.min(400) as usize {
            for value in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut damaged = object.clone();
                damaged[start as usize + at] = value;
                read(&damaged);
            }
        }
    }
}

#[test]
fn truncated_sections_never_panic() {
    let object = compile(SOURCE, &[]);
    let elf = parse(&object);
    let table = elf.elf_header().e_shoff.get(object::LittleEndian) as usize;
    let mut random = Random(7);
    for section in elf
        .sections()
        .filter(|section| section.name().is_ok_and(|name| name.starts_with(".debug_")))
    {
        // `sh_size` is the fifth word of the 64-byte section header, at byte 32.
        let at = table + section.index().0 * 64 + 32;
        for _ in 0..150 {
            let mut damaged = object.clone();
            let size = random.below(section.size() as usize) as u64;
            damaged[at..at + 8].copy_from_slice(&size.to_le_bytes());
            read(&damaged);
        }
    }
    for _ in 0..300 {
        read(&object[..random.below(object.len())]);
    }
}

#[test]
fn no_debug_information_is_an_error() {
    let object = compile("pub fn f() {}", &["-C", "debuginfo=0"]);
    assert_eq!(
        DebugTables::read(&parse(&object)).unwrap_err(),
        Error::NoDebugInfo
    );
}

#[test]
fn debug_information_without_types_is_noticed() {
    let limited = compile(SOURCE, &["-C", "debuginfo=1"]);
    assert!(DebugTables::read(&parse(&limited)).unwrap().untyped);
    let full = compile(SOURCE, &[]);
    assert!(!DebugTables::read(&parse(&full)).unwrap().untyped);
}

#[test]
fn split_debug_information_is_an_error() {
    let object = compile(SOURCE, &["-C", "split-debuginfo=unpacked"]);
    assert_eq!(
        DebugTables::read(&parse(&object)).unwrap_err(),
        Error::Split
    );
}

#[test]
fn a_relocation_out_of_bounds_is_malformed() {
    let object = compile(SOURCE, &[]);
    let elf = parse(&object);
    let (start, _) = elf
        .section_by_name(".rela.debug_info")
        .unwrap()
        .file_range()
        .unwrap();
    let mut damaged = object.clone();
    damaged[start as usize..start as usize + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(
        DebugTables::read(&parse(&damaged)),
        Err(Error::Malformed(_))
    ));
}
