use super::sample::{changes, only_change, read};

/// A library that keeps `definition`'s type `E` in its debug information.
fn using(definition: &str) -> String {
    format!("{definition}\npub fn size(e: &E) -> usize {{ std::mem::size_of_val(e) }}")
}

fn edit(old: &str, new: &str) -> String {
    let (name, what) = only_change(&using(old), &using(new));
    assert_eq!(name, "app::E");
    what
}

#[test]
fn an_added_variant_is_new() {
    assert_eq!(
        edit(
            "pub enum E { A(u32), B(u8) }",
            "pub enum E { A(u32), B(u8), C }"
        ),
        "variant `C` is new"
    );
    assert_eq!(
        edit("pub enum E { A, B }", "pub enum E { A, B, C }"),
        "variant `C` is new"
    );
}

#[test]
fn a_removed_variant_is_gone() {
    assert_eq!(
        edit("pub enum E { A, B, C }", "pub enum E { A, B }"),
        "variant `C` is gone"
    );
}

#[test]
fn a_variant_inserted_before_others_shifts_their_tags() {
    let what = edit("pub enum E { A, B }", "pub enum E { New, A, B }");
    assert_eq!(
        what,
        "variant `A` tag value 0 -> 1, variant `B` tag value 1 -> 2, variant `New` is new"
    );
}

#[test]
fn swapped_variants_are_a_change_though_the_bytes_look_alike() {
    let what = edit(
        "pub enum E { A(u32), B(u32) }",
        "pub enum E { B(u32), A(u32) }",
    );
    assert_eq!(
        what,
        "variant `A` tag value 0 -> 1, variant `B` tag value 1 -> 0"
    );
}

#[test]
fn a_renamed_variant_is_no_change() {
    assert_eq!(
        changes(
            &using("pub enum E { A(u32), B }"),
            &using("pub enum E { A(u32), Other }")
        ),
        []
    );
}

#[test]
fn a_field_of_a_variant_is_named_with_its_variant() {
    let what = edit(
        "pub enum E { A(u64), B { x: u32 } }",
        "pub enum E { A(u64), B { x: i32 } }",
    );
    assert_eq!(what, "variant `B`: field `x` type u32 -> i32");
}

#[test]
fn a_niche_that_becomes_a_tag_is_a_change() {
    let what = edit(
        "pub enum E { P(Box<u32>), Q }",
        "pub enum E { P(Box<u32>), Q(u32) }",
    );
    assert!(
        what.starts_with("size 8 -> 16, tag type u64 -> u32"),
        "{what}"
    );
}

#[test]
fn a_niche_of_another_value_is_a_change() {
    let what = edit(
        "pub enum E { A(bool), B, C }",
        "pub enum E { A(bool), C, B }",
    );
    assert_eq!(
        what,
        "variant `B` tag value 2 -> 3, variant `C` tag value 3 -> 2"
    );
}

#[test]
fn a_wider_tag_is_a_change() {
    let what = edit(
        "#[repr(u8)] pub enum E { A = 1 }",
        "#[repr(u16)] pub enum E { A = 1 }",
    );
    assert_eq!(what, "size 1 -> 2, alignment 1 -> 2, tag type u8 -> u16");
}

#[test]
fn values_of_any_width_are_read() {
    let wide = read(&using(
        "#[repr(i64)] pub enum E { A = -1, B = 0xffff_ffff }",
    ))
    .types;
    let values: Vec<_> = wide
        .layouts("app::E")
        .next()
        .unwrap()
        .variant_names()
        .collect();
    assert_eq!(values, [("A", Some("-1")), ("B", Some("4294967295"))]);
}

#[test]
fn an_enum_of_one_variant_or_none_has_no_tag() {
    let one = read(&using("pub enum E { Only(u32) }")).types;
    assert_eq!(
        one.layouts("app::E")
            .next()
            .unwrap()
            .variant_names()
            .collect::<Vec<_>>(),
        [("Only", None)]
    );
    let what = edit("pub enum E { Only(u32) }", "pub enum E { Only(u32), B }");
    assert!(
        what.starts_with("size 4 -> 8, has a tag at offset 0"),
        "{what}"
    );
    assert_eq!(
        read(&using("pub enum E {}"))
            .types
            .layouts("app::E")
            .count(),
        1
    );
}
