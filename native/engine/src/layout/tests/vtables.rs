use super::sample::{changes, compile, parse, read_with};
use crate::layout::DebugTables;
use object::{Object as _, ObjectSection as _};

const SOURCE: &str = "
    pub trait Shape { fn area(&self) -> f64; fn name(&self) -> String { String::new() } }
    pub struct Sq { pub a: f64, pub n: Option<String> }
    impl Shape for Sq { fn area(&self) -> f64 { self.a } }
    pub fn make(a: f64) -> Box<dyn Shape> { Box::new(Sq { a, n: None }) }
    pub fn send(f: fn(u32) -> u32) -> Box<dyn Send> { Box::new(f) }";

const OPTIONS: [&[&str]; 6] = [
    &[],
    &["-C", "symbol-mangling-version=v0"],
    &["-C", "dwarf-version=5"],
    &["-C", "opt-level=1"],
    &["-C", "opt-level=2"],
    &["-C", "opt-level=3"],
];

#[test]
fn a_vtable_has_its_slots_and_its_data_under_every_option() {
    for options in OPTIONS {
        let object = compile(SOURCE, options);
        let elf = parse(&object);
        let tables = DebugTables::read(&elf).unwrap();
        let found: Vec<_> = tables.vtables.find("app::Sq", Some("app::Shape")).collect();
        assert_eq!(found.len(), 1, "{options:?}");
        assert_eq!((found[0].slots, found[0].size), (5, 40));
        let names: Vec<&str> = found[0]
            .entries
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(
            names,
            ["drop_in_place", "size", "align", "__method3", "__method4"]
        );

        let place = found[0].place.unwrap();
        let section = elf
            .section_by_index(object::SectionIndex(place.section))
            .unwrap();
        let data = section.data().unwrap();
        let word = |at: usize| {
            u64::from_le_bytes(data[place.offset as usize + at..][..8].try_into().unwrap())
        };
        assert_eq!(
            (word(8), word(16)),
            (32, 8),
            "size and alignment of app::Sq stand in the data"
        );
        assert_eq!(
            tables.vtables.at(place.section, place.offset),
            Some(found[0])
        );
    }
}

#[test]
fn an_object_of_auto_traits_has_a_vtable_without_a_trait() {
    let tables = read_with(SOURCE, &[]);
    assert_eq!(
        tables
            .vtables
            .find("fn(u32) -> u32", None)
            .next()
            .unwrap()
            .slots,
        3
    );
}

#[test]
fn supertraits_have_entries_of_their_own() {
    let source = "
        pub trait A { fn a(&self); } pub trait B { fn b(&self); } pub trait C: A + B { fn c(&self); }
        pub struct S; impl A for S { fn a(&self) {} } impl B for S { fn b(&self) {} } impl C for S { fn c(&self) {} }
        pub fn make() -> Box<dyn C> { Box::new(S) }";
    let tables = read_with(source, &[]);
    let vtable = tables
        .vtables
        .find("app::S", Some("app::C"))
        .next()
        .unwrap();
    assert_eq!(vtable.slots as usize, vtable.entries.len());
    assert!(
        vtable
            .entries
            .iter()
            .any(|(name, _)| name.starts_with("__super_trait_ptr")),
        "{:?}",
        vtable.entries
    );
}

#[test]
fn generic_arguments_with_arrows_and_paths_do_not_confuse_the_names() {
    let source = "
        pub trait Run<T> { fn run(&self, t: T); }
        pub struct W<F>(pub F); impl<F, T> Run<T> for W<F> { fn run(&self, _: T) {} }
        pub fn make(f: fn(u8) -> Vec<u8>) -> Box<dyn Run<fn() -> u32>> { Box::new(W(f)) }";
    let tables = read_with(source, &[]);
    let name = "app::W<fn(u8) -> alloc::vec::Vec<u8, alloc::alloc::Global>>";
    assert_eq!(
        tables
            .vtables
            .find(name, Some("app::Run<fn() -> u32>"))
            .count(),
        1,
        "{:?}",
        tables.vtables
    );
}

#[test]
fn a_method_added_to_a_trait_changes_its_objects() {
    let new = SOURCE.replace(
        "fn area(&self) -> f64; fn name",
        "fn area(&self) -> f64; fn more(&self) {} fn name",
    );
    let found = changes(SOURCE, &new);
    let boxed = "alloc::boxed::Box<dyn app::Shape, alloc::alloc::Global>";
    let change = found
        .iter()
        .find(|change| change.type_name == boxed)
        .unwrap();
    assert_eq!(change.what, "vtable entries 5 -> 6");
}
