use super::sample::{compile, parse, read, read_with};
use crate::layout::{DebugTables, SignatureTable, SymbolKind};
use object::{Object as _, ObjectSymbol as _};

const V0: &[&str] = &["-C", "symbol-mangling-version=v0"];

/// The signature of the one function or static whose symbol contains `name`.
fn display(tables: &DebugTables, name: &str) -> String {
    let found: Vec<String> = displays(&tables.signatures, name).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn displays<'t>(table: &'t SignatureTable, name: &'t str) -> impl Iterator<Item = String> + 't {
    table
        .iter()
        .filter(move |signature| signature.symbol().contains(name))
        .map(|signature| signature.display())
}

#[test]
fn a_changed_parameter_under_an_unchanged_v0_symbol_is_seen() {
    let old = read_with("pub fn price(n: u32) -> u64 { n as u64 }", V0).signatures;
    let new = read_with("pub fn price(n: i32) -> u64 { n as u64 }", V0).signatures;
    let before = old
        .iter()
        .find(|signature| signature.symbol().contains("price"))
        .unwrap();
    let after = new.get(before.symbol()).unwrap();
    assert_ne!(before.digest(), after.digest());
    assert_eq!(
        (before.display().as_str(), after.display().as_str()),
        ("fn(u32) -> u64", "fn(i32) -> u64")
    );
}

#[test]
fn an_unchanged_signature_keeps_its_digest_when_the_body_changes() {
    let old = read_with("pub fn price(n: u32) -> u32 { n }", V0).signatures;
    let new = read_with("\n\npub fn price(number: u32) -> u32 { number * 3 }", V0).signatures;
    let before = old
        .iter()
        .find(|signature| signature.symbol().contains("price"))
        .unwrap();
    assert_eq!(before.digest(), new.get(before.symbol()).unwrap().digest());
}

#[test]
fn methods_patterns_and_empty_values_are_parameters_at_every_optimization_level() {
    let source = "pub struct S { a: u32 }
        impl S { #[inline(never)] pub fn get(&mut self, _: u8, (p, q): (u32, u8), z: ()) -> u32 { self.a + p + q as u32 } }";
    for level in ["0", "1", "2", "3", "s"] {
        let level = format!("opt-level={level}");
        for options in [vec!["-C", &level], vec!["-C", &level, V0[0], V0[1]]] {
            let tables = read_with(source, &options);
            assert_eq!(
                display(&tables, "get"),
                "fn(&mut app::S, u8, (u32, u8), ()) -> u32",
                "{options:?}"
            );
        }
    }
}

#[test]
fn what_a_function_gives_is_part_of_it() {
    let tables = read(
        "pub fn nothing() {} pub fn never() -> ! { loop {} } pub fn text(s: &str, f: fn(u8) -> bool) -> Option<Box<dyn Send>> { None }",
    );
    assert_eq!(display(&tables, "nothing"), "fn()");
    assert_eq!(display(&tables, "never"), "fn() -> !");
    let boxed =
        "core::option::Option<alloc::boxed::Box<dyn core::marker::Send, alloc::alloc::Global>>";
    assert_eq!(
        display(&tables, "4text"),
        format!("fn(&str, fn(u8) -> bool) -> {boxed}")
    );
}

#[test]
fn a_no_mangle_function_goes_by_its_name() {
    let tables = read("#[no_mangle] pub extern \"C\" fn plain(a: u32) -> *mut u8 { a as *mut u8 }");
    assert_eq!(
        tables.signatures.get("plain").unwrap().display(),
        "fn(u32) -> *mut u8"
    );
}

#[test]
fn statics_have_a_type() {
    let tables = read_with("pub static LIMIT: u32 = 5; static mut SEEN: [u8; 4] = [0; 4]; pub fn f() -> *const u8 { unsafe { &raw const SEEN as *const u8 } }", V0);
    assert_eq!(display(&tables, "LIMIT"), "static u32");
    assert_eq!(display(&tables, "SEEN"), "static [u8; 4]");
    let limit = tables
        .signatures
        .iter()
        .find(|signature| signature.symbol().contains("LIMIT"))
        .unwrap();
    assert_eq!(limit.kind(), SymbolKind::Static);
}

#[test]
fn every_function_of_an_ordinary_unit_is_known() {
    let source = "use std::collections::HashMap;
        pub fn count(words: &[&str]) -> HashMap<String, u32> { let mut m = HashMap::new(); for w in words { *m.entry(w.to_string()).or_insert(0) += 1; } m }
        pub fn sum(v: &[u32]) -> u32 { v.iter().map(|x| x * 2).filter(|x| *x > 3).sum() }";
    for options in [&[][..], &["-O"], &["-C", "dwarf-version=5"]] {
        let object = compile(source, options);
        let elf = parse(&object);
        let tables = DebugTables::read(&elf).unwrap();
        for symbol in elf
            .symbols()
            .filter(|symbol| symbol.kind() == object::SymbolKind::Text && symbol.is_definition())
        {
            let name = symbol.name().unwrap();
            assert!(
                tables.signatures.get(name).is_some(),
                "{name} with {options:?}"
            );
        }
    }
}

#[test]
fn the_place_of_declaration_is_apart_from_the_signature() {
    for options in [&[][..], &["-C", "dwarf-version=5"]] {
        let tables = read_with("\n\npub fn third_line(a: u8) -> u8 { a }", options);
        let symbol = tables
            .signatures
            .iter()
            .find(|signature| signature.symbol().contains("third_line"))
            .unwrap()
            .symbol();
        let place = tables.lines.get(symbol).unwrap();
        assert_eq!(place.line, 3);
        assert!(place.file.ends_with("/app.rs"), "{}", place.file);
    }
}

#[test]
fn functions_that_are_passed_as_themselves_are_told_from_pointers() {
    let tables = read(
        "pub struct Held<F> { pub of: F }
         #[repr(packed)] pub struct Packed { pub of: fn(u8) -> u8, pub n: u8 }
         pub fn hello(n: u8) -> u8 { n + 1 }
         #[inline(never)] pub fn through<F: Fn(u8) -> u8>(held: &Held<F>, by: &F) -> u8 { (held.of)((by)(1)) }
         pub fn packed(of: Packed) -> u8 { let f = of.of; f(of.n) }
         pub fn run() -> u8 { through(&Held { of: hello }, &hello) + through(&Held { of: hello as fn(u8) -> u8 }, &(hello as fn(u8) -> u8)) }",
    );
    let held = |name: &str| {
        let mut all: Vec<usize> = tables
            .types
            .layouts(name)
            .map(|l| l.held().count())
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(held("app::Held<fn(u8) -> u8>"), [0, 1]);
    assert_eq!(held("app::Packed"), [2]);
    let calls = tables
        .signatures
        .iter()
        .filter(|s| s.name().starts_with("through<"));
    let mut counts: Vec<usize> = calls.map(|s| s.held_parameters().count()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2]);
}
