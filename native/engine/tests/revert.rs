//! Edits that are taken back in the source: the original code runs again, and nothing is linked for it.

#[path = "support/memory.rs"]
mod memory;
#[allow(dead_code)] // a support for several suites
#[path = "support/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "support/steps.rs"]
mod steps;

use steps::{Outcome, Steps};

const BASE: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
static HITS: AtomicU32 = AtomicU32::new(3);
static PRICES: [u32; 3] = [1, 2, 3];
mod tables { #[inline(never)] pub fn price(i: usize) -> u32 { super::PRICES[i] } }
mod sums {
    #[inline(never)] pub fn double(x: u32) -> u32 { x.wrapping_mul(2) }
    #[inline(never)] pub fn third(v: &[u32], i: usize) -> u32 { v[i] / 3 }
    #[inline(never)] pub fn all(v: &[u32]) -> Vec<u32> { v.iter().map(|x| x + 1).collect() }
}
#[inline(never)] fn plan(x: u32) -> u32 {
    HITS.fetch_add(1, Ordering::Relaxed);
    sums::double(x) + sums::third(&[x], 0) + tables::price(0) + sums::all(&[x]).len() as u32
}
fn main() { println!("{}", plan(std::env::args().count() as u32)); }
"#;

fn edit(source: &str, from: &str, to: &str) -> String {
    assert!(source.contains(from), "the edit finds {from}");
    source.replace(from, to)
}

/// Edits, and takes the edit back: nothing but restores.
fn there_and_back(name: &str, flags: &[&str], from: &str, to: &str) -> (Steps, Outcome) {
    let mut steps = Steps::with(name, BASE, flags);
    steps.save(&edit(BASE, from, to));
    let back = steps.save(BASE);
    assert!(!back.has_code(), "{}", back.answer);
    assert_eq!(back.answer["memory"], 0, "{}", back.answer);
    assert_eq!(back.names("new"), [""; 0]);
    assert_eq!(back.names("changed"), [""; 0]);
    (steps, back)
}

#[test]
fn a_reverted_function_gets_its_original_code_again() {
    let (steps, back) = there_and_back("body", &[], "wrapping_mul(2)", "wrapping_mul(3)");
    assert_eq!(back.names("restored"), ["app::sums::double"]);
    assert_eq!(back.plan()["redirects"], serde_json::json!([]));
    assert_eq!(back.plan()["restores"].as_array().map(Vec::len), Some(2));
    assert_eq!(steps.runs("app::sums::double"), 0);
}

#[test]
fn there_and_back_again_as_often_as_one_likes() {
    let other = edit(BASE, "wrapping_mul(2)", "wrapping_mul(3)");
    let mut steps = Steps::new("often", BASE);
    for round in 0..3 {
        let there = steps.save(&other);
        assert_eq!(there.names("changed"), ["app::sums::double"]);
        assert_eq!(steps.runs("app::sums::double"), 2 * round + 1);
        let back = steps.save(BASE);
        assert_eq!(back.names("restored"), ["app::sums::double"]);
        assert_eq!(steps.runs("app::sums::double"), 0);
    }
}

#[test]
fn one_function_is_reverted_while_another_is_edited() {
    let first = edit(BASE, "wrapping_mul(2)", "wrapping_mul(3)");
    let mut steps = Steps::new("mixed", BASE);
    steps.save(&first);
    let mixed = steps.save(&edit(BASE, "v[i] / 3", "v[i] / 4"));
    assert_eq!(mixed.names("restored"), ["app::sums::double"]);
    assert_eq!(mixed.names("changed"), ["app::sums::third"]);
    assert_eq!(steps.runs("app::sums::double"), 0);
    assert_eq!(steps.runs("app::sums::third"), 2);
}

#[test]
fn a_reverted_constant_is_read_by_all_where_it_was() {
    let (steps, back) = there_and_back("constant", &[], "[1, 2, 3]", "[7, 8, 9]");
    assert_eq!(back.names("restored"), ["app::tables::price"]);
    assert_eq!(steps.runs("app::tables::price"), 0);
}

#[test]
fn a_reader_that_is_edited_when_its_constant_is_reverted_reads_the_original() {
    let mut steps = Steps::new("reader", BASE);
    steps.save(&edit(BASE, "[1, 2, 3]", "[7, 8, 9]"));
    let mixed = steps.save(&edit(BASE, "super::PRICES[i]", "super::PRICES[i] + 1"));
    assert_eq!(mixed.names("changed"), ["app::tables::price"]);
    let file = object::File::parse(&*mixed.image).expect("an image");
    let copied = object::Object::symbols(&file).any(|s| {
        object::ObjectSymbol::name(&s).is_ok_and(|n| n.contains("PRICES"))
            && !object::ObjectSymbol::is_undefined(&s)
    });
    assert!(!copied, "the constant is that of the image");
}

#[test]
fn a_function_that_came_with_the_edit_goes_with_it() {
    let there = edit(BASE, "x.wrapping_mul(2)", "helper(x)");
    let there = edit(
        &there,
        "mod sums {",
        "mod sums { fn helper(x: u32) -> u32 { x << 2 }",
    );
    let mut steps = Steps::new("helper", BASE);
    for _ in 0..2 {
        steps.save(&there);
        let back = steps.save(BASE);
        assert!(!back.has_code());
        assert_eq!(steps.runs("app::sums::double"), 0);
    }
}

#[test]
fn a_signature_that_is_reverted_leads_to_the_original_for_everyone() {
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let there = edit(
            BASE,
            "double(x: u32) -> u32 { x.",
            "double(x: u64) -> u32 { (x as u32).",
        );
        let there = edit(&there, "sums::double(x)", "sums::double(x as u64)");
        let mut steps = Steps::with(&format!("signature-{mangling}"), BASE, flags);
        let changed = steps.save(&there);
        assert_eq!(changed.names("changed"), ["app::plan"], "{mangling}");
        let back = steps.save(BASE);
        assert_eq!(back.names("restored"), ["app::plan"], "{mangling}");
        assert!(!back.has_code(), "{mangling}");
        assert_eq!(steps.runs("app::plan"), 0, "{mangling}");
    }
}

#[test]
fn a_closure_put_before_another_and_removed_leaves_the_other_where_it_is() {
    let to = "{ let more = |x: u32| x * 7; v.iter().map(|x| x + 1).map(more).collect() }";
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let there = edit(BASE, "{ v.iter().map(|x| x + 1).collect() }", to);
        let mut steps = Steps::with(&format!("closure-{mangling}"), BASE, flags);
        steps.save(&there);
        let back = steps.save(BASE);
        // All that the original called means what it did, or it gets new code: both are right, a neighbour's body is not.
        assert_eq!(
            steps.runs("app::sums::all"),
            if back.has_code() { 2 } else { 0 }
        );
        let again = steps.save(&there);
        assert!(again
            .names("changed")
            .contains(&"app::sums::all".to_string()));
    }
}

#[test]
fn positions_are_brought_up_to_date_when_the_lines_above_have_moved() {
    let mut steps = Steps::new("positions", BASE);
    steps.save(&edit(BASE, "v[i] / 3", "v[i] / 4"));
    let back = steps.save(&edit(BASE, "static HITS", "\n\nstatic HITS"));
    assert_eq!(back.names("restored"), ["app::sums::third"]);
    assert!(!back.has_code());
    let writes = back.plan()["writes"].as_array().expect("writes").clone();
    let third = writes
        .iter()
        .find(|w| w["symbol"].as_str().is_some_and(|s| s.contains("5third")));
    // Line 8 of the original is line 10, in the constant that the image's code refers to.
    let word = |key: &str| {
        third.expect("a write for it")[key]
            .as_str()
            .expect("hexadecimal")[..8]
            .to_string()
    };
    assert_eq!(
        (word("old"), word("new")),
        ("08000000".into(), "0a000000".into())
    );
    let all = steps.save(BASE);
    assert_eq!(all.names("restored"), [""; 0]);
}

#[test]
fn what_a_revert_restored_can_be_taken_back_to_the_edit() {
    let mut steps = Steps::new("undone", BASE);
    steps.save(&edit(BASE, "wrapping_mul(2)", "wrapping_mul(3)"));
    steps.save(BASE);
    assert_eq!(steps.runs("app::sums::double"), 0);
    let undone = steps.undo("newest");
    assert_eq!(undone.patches(), [2]);
    assert_eq!(undone.names("restored"), ["app::sums::double"]);
    assert_eq!(steps.runs("app::sums::double"), 1);
}
