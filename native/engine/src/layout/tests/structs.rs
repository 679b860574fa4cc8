use super::sample::{changes, only_change, read};
use crate::layout::compare_all;

/// A library that keeps `definition`'s type `S` in its debug information.
fn using(definition: &str) -> String {
    format!("{definition}\npub fn size(s: &S) -> usize {{ std::mem::size_of_val(s) }}")
}

fn edit(old: &str, new: &str) -> (String, String) {
    only_change(&using(old), &using(new))
}

#[test]
fn an_added_field_is_new_at_its_offset() {
    let (name, what) = edit(
        "#[repr(C)] pub struct S { a: u64 }",
        "#[repr(C)] pub struct S { a: u64, count: u32 }",
    );
    assert_eq!(name, "app::S");
    assert_eq!(what, "size 8 -> 16, field `count: u32` is new at offset 8");
}

#[test]
fn a_field_in_former_padding_is_new_though_the_size_stays() {
    let (_, what) = edit(
        "#[repr(C)] pub struct S { a: u64, b: u8 }",
        "#[repr(C)] pub struct S { a: u64, b: u8, c: u8 }",
    );
    assert_eq!(what, "field `c: u8` is new at offset 9");
}

#[test]
fn a_removed_field_is_gone() {
    let (_, what) = edit(
        "#[repr(C)] pub struct S { a: u32, b: u32 }",
        "#[repr(C)] pub struct S { a: u32 }",
    );
    assert_eq!(what, "size 8 -> 4, field `b: u32` at offset 4 is gone");
}

#[test]
fn reordered_fields_of_repr_c_have_moved() {
    let (_, what) = edit(
        "#[repr(C)] pub struct S { a: u32, b: u32 }",
        "#[repr(C)] pub struct S { b: u32, a: u32 }",
    );
    assert_eq!(
        what,
        "field `a: u32` moved from offset 0 to 4, field `b: u32` moved from offset 4 to 0"
    );
}

#[test]
fn a_changed_field_type_is_named() {
    let (_, what) = edit("pub struct S { a: u32 }", "pub struct S { a: i32 }");
    assert_eq!(what, "field `a` type u32 -> i32");
}

#[test]
fn a_changed_array_length_is_named() {
    let (_, what) = edit(
        "pub struct S { a: [u16; 4] }",
        "pub struct S { a: [u16; 5] }",
    );
    assert_eq!(what, "size 8 -> 10, field `a` type [u16; 4] -> [u16; 5]");
}

#[test]
fn a_changed_alignment_is_a_change() {
    let (_, what) = edit(
        "pub struct S { a: u64 }",
        "#[repr(align(16))] pub struct S { a: u64 }",
    );
    assert_eq!(what, "size 8 -> 16, alignment 8 -> 16");
}

#[test]
fn a_renamed_field_is_no_change() {
    assert_eq!(
        changes(
            &using("pub struct S { a: u32 }"),
            &using("pub struct S { b: u32 }")
        ),
        []
    );
}

#[test]
fn fields_declared_in_another_order_at_the_same_offsets_are_no_change() {
    assert_eq!(
        changes(
            &using("pub struct S { a: u64, b: u8 }"),
            &using("pub struct S { b: u8, a: u64 }")
        ),
        []
    );
}

#[test]
fn a_union_and_a_tuple_struct_are_compared_too() {
    let (_, what) = edit("pub union S { a: u32 }", "pub union S { a: u32, b: u64 }");
    assert_eq!(
        what,
        "size 4 -> 8, alignment 4 -> 8, field `b: u64` is new at offset 0"
    );
    let (_, what) = edit("pub struct S(u8, u32);", "pub struct S(u8, i32);");
    assert_eq!(what, "field `1` type u32 -> i32");
}

#[test]
fn two_identical_compiles_are_equal() {
    let source = using("pub struct S { a: String, b: Vec<Option<Box<S>>> }");
    assert_eq!(changes(&source, &source), []);
}

#[test]
fn a_body_and_blank_lines_are_no_change() {
    let old = "pub struct S { a: u32 } impl S { pub fn get(&self) -> u32 { self.a } }";
    let new =
        "\n\n\npub struct S { a: u32 }\n\nimpl S { pub fn get(&self) -> u32 { self.a * 3 + 1 } }";
    assert_eq!(changes(old, new), []);
}

#[test]
fn a_type_that_only_one_side_mentions_is_no_change() {
    let old = "pub struct A { a: u32 } pub fn f(a: &A) -> u32 { a.a }";
    let new = "pub struct B { a: u64 } pub fn f(b: &B) -> u64 { b.a }";
    assert_eq!(changes(old, new), []);
}

#[test]
fn the_cause_comes_before_the_types_that_hold_it() {
    let source = |field: &str| {
        let types = format!("pub struct Inner {{ {field} }} pub struct Outer {{ many: [Option<Inner>; 2] }} pub struct Apart(u8);");
        format!("{types} pub fn f(o: &Outer, a: &Apart) -> usize {{ std::mem::size_of_val(o) + std::mem::size_of_val(a) }}")
    };
    let found = changes(&source("a: u32"), &source("a: u32, b: u32"));
    let names: Vec<&str> = found
        .iter()
        .map(|change| change.type_name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "app::Inner",
            "core::option::Option<app::Inner>",
            "app::Outer"
        ]
    );
}

#[test]
fn a_holder_whose_size_and_offsets_stay_is_not_reported() {
    let source = |ty: &str| {
        format!("pub struct In {{ a: {ty} }} pub struct S {{ i: In }} pub fn f(s: &S) -> {ty} {{ s.i.a }}")
    };
    let found = changes(&source("u32"), &source("i32"));
    let names: Vec<&str> = found
        .iter()
        .map(|change| change.type_name.as_str())
        .collect();
    assert_eq!(names, ["app::In"]);
}

#[test]
fn instances_of_a_generic_struct_are_types_of_their_own() {
    let source = |extra: &str| {
        format!("pub struct G<T> {{ value: T{extra} }} pub fn f(a: &G<u8>, b: &G<String>) -> u8 {{ a.value + b.value.len() as u8 }}")
    };
    let table = read(&source("")).types;
    assert_eq!(table.layouts("app::G<u8>").next().unwrap().size(), 1);
    assert_eq!(
        table
            .layouts("app::G<alloc::string::String>")
            .next()
            .unwrap()
            .size(),
        24
    );
    let found = changes(&source(""), &source(", tail: u64"));
    let names: Vec<&str> = found
        .iter()
        .map(|change| change.type_name.as_str())
        .collect();
    assert_eq!(names, ["app::G<alloc::string::String>", "app::G<u8>"]);
}

#[test]
fn local_types_of_one_name_are_a_set() {
    let source = |second: &str| {
        format!("pub fn f() -> usize {{ struct T {{ a: u8 }} let t = T {{ a: 1 }}; let n = t.a as usize; {second} n }}")
    };
    let other = "{ struct T { b: u64 } let t = T { b: 3 }; std::hint::black_box(&t); }";
    assert_eq!(changes(&source(""), &source(other)), []);
    let (name, what) = only_change(&source(other), &source(&other.replace("u64", "u32")));
    assert_eq!(
        (name.as_str(), what.as_str()),
        (
            "app::f::T",
            "size 8 -> 4, alignment 8 -> 4, field `b` type u64 -> u32"
        )
    );
}

#[test]
fn an_added_capture_is_a_change_of_a_positional_type() {
    let source = |body: &str| {
        format!("pub fn f(k: u32, s: String) -> impl Fn() -> usize {{ move || {body} }}")
    };
    let found = changes(&source("k as usize"), &source("k as usize + s.len()"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].type_name, "app::f::{closure_env#0}");
    assert!(found[0].is_positional);
    assert!(
        found[0]
            .what
            .contains("capture `s: alloc::string::String` is new at offset 0"),
        "{}",
        found[0].what
    );
}

#[test]
fn a_type_that_moved_to_another_unit_is_still_compared() {
    let old = read(&using("pub struct S { a: u32 }")).types;
    let new = read(&using("pub struct S { a: u64 }")).types;
    let other = read("pub fn nothing() {}").types;
    assert_eq!(compare_all(&[&old, &other], &[&other, &new]).len(), 1);
}

#[test]
fn a_table_is_the_same_after_a_trip_through_json() {
    let table = read(&using("pub struct S { a: Option<String> }")).types;
    let copy = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
    assert_eq!(compare_all(&[&table], &[&copy]), []);
    assert_eq!(
        table.layouts("app::S").next().unwrap().digest(),
        copy.layouts("app::S").next().unwrap().digest()
    );
}

#[test]
fn a_new_marker_without_bytes_is_no_change_but_a_new_token_is() {
    let base = "#[repr(C)] pub struct S { a: u64 }";
    let marked = "#[repr(C)] pub struct S { a: u64, kind: std::marker::PhantomData<u8>, unit: () }";
    assert_eq!(changes(&using(base), &using(marked)), []);
    let (_, what) = edit(
        base,
        "pub struct Token; #[repr(C)] pub struct S { a: u64, token: Token }",
    );
    assert_eq!(what, "field `token: app::Token` is new at offset 8");
}

#[test]
fn what_only_grew_with_a_type_that_it_holds_follows_from_it() {
    let source = |inner: &str, outer: &str| {
        using(&format!(
            "pub struct Inner {{ {inner} }} pub struct Cell {{ all: [Option<Inner>; 2] }} \
             pub struct S {{ {outer} cell: Cell, b: Vec<Inner> }}"
        ))
    };
    let causes = |new: &str| -> Vec<(String, Vec<String>)> {
        let all = changes(&source("a: u64", ""), new).into_iter();
        all.map(|change| (change.type_name, change.follows_from))
            .collect()
    };
    let inner = vec!["app::Inner".to_owned()];
    let option = "core::option::Option<app::Inner>".to_owned();
    assert_eq!(
        causes(&source("a: u64, b: u64", "")),
        [
            ("app::Inner".to_owned(), vec![]),
            (option.clone(), inner.clone()),
            ("app::Cell".to_owned(), inner.clone()),
            ("app::S".to_owned(), inner.clone()),
        ]
    );
    // One that was changed itself stands for itself, and for what holds it.
    assert_eq!(
        causes(&source("a: u64, b: u64", "c: u8,"))
            .into_iter()
            .find(|(name, _)| name == "app::S"),
        Some(("app::S".to_owned(), vec![]))
    );
}
