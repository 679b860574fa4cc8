//! Functions of which several units hold a copy each, and units that give theirs up: pointers to any copy that there
//! ever was see the newest code.

#[path = "support/memory.rs"]
mod memory;
#[allow(dead_code)] // a support for several suites
#[path = "support/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "support/steps.rs"]
mod steps;

use std::collections::BTreeSet;
use steps::Steps;

/// `left`, `middle` and `right` are units of their own, and each that takes the address has a copy.
const BASE: &str = r#"
#[inline(always)] pub fn twice(x: u32) -> u32 { x.wrapping_mul(2) }
fn other(x: u32) -> u32 { x }
mod left { #[inline(never)] pub fn copy() -> fn(u32) -> u32 { crate::twice } }
mod middle { #[inline(never)] pub fn copy() -> fn(u32) -> u32 { crate::other } }
mod right { #[inline(never)] pub fn copy() -> fn(u32) -> u32 { crate::twice } }
fn main() { println!("{} {} {}", left::copy()(1), middle::copy()(1), right::copy()(1)); }
"#;

/// The program with `units` holding copies, and the factor in them.
fn with(units: &[&str], factor: u32) -> String {
    let mut source = BASE.replace("wrapping_mul(2)", &format!("wrapping_mul({factor})"));
    for unit in ["left", "middle", "right"] {
        let taken = if units.contains(&unit) {
            "twice"
        } else {
            "other"
        };
        for held in ["twice", "other"] {
            let body = |what: &str| {
                format!("mod {unit} {{ #[inline(never)] pub fn copy() -> fn(u32) -> u32 {{ crate::{what} }}")
            };
            source = source.replace(&body(held), &body(taken));
        }
    }
    source
}

fn images(steps: &Steps) -> BTreeSet<usize> {
    steps.images("app::twice")
}

const MANGLINGS: [&[&str]; 2] = [&[], &["-Csymbol-mangling-version=v0"]];

#[test]
fn a_copy_that_its_unit_gave_up_follows_every_later_edit() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let mut steps = Steps::with(&format!("given-up-{at}"), BASE, flags);
        let given_up = steps.save(&with(&["right"], 2));
        assert_eq!(given_up.names("changed"), ["app::left::copy"]);
        for factor in [7, 9] {
            let edited = steps.save(&with(&["right"], factor));
            assert_eq!(edited.names("changed"), ["app::twice"]);
            assert_eq!(edited.names("new"), [""; 0]);
        }
        assert_eq!(images(&steps), BTreeSet::from([3]));
        steps.undo("newest");
        assert_eq!(images(&steps), BTreeSet::from([2]));
        steps.undo(1);
        assert_eq!(images(&steps), BTreeSet::from([0]));
        steps.save(&with(&["left", "right"], 5));
        assert_eq!(images(&steps), BTreeSet::from([6]));
    }
}

#[test]
fn a_changed_copy_that_its_unit_gave_up_follows_as_well() {
    let mut steps = Steps::new("changed-copy", BASE);
    steps.save(&with(&["left", "right"], 3));
    steps.save(&with(&["right"], 3));
    steps.save(&with(&["right"], 4));
    assert_eq!(images(&steps), BTreeSet::from([3]));
    steps.save(&with(&["right"], 5));
    assert_eq!(images(&steps), BTreeSet::from([4]));
    // The copies part again: each unit has what the first save gave it.
    let undone = steps.undo(2);
    assert_eq!(undone.patches(), [4, 3, 2]);
    assert_eq!(images(&steps), BTreeSet::from([1]));
}

#[test]
fn copies_that_are_given_up_one_after_the_other_follow_the_last() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let mut steps = Steps::with(&format!("one-by-one-{at}"), BASE, flags);
        steps.save(&with(&["left", "middle", "right"], 2));
        steps.save(&with(&["middle", "right"], 2));
        steps.save(&with(&["middle"], 2));
        steps.save(&with(&["middle"], 7));
        assert_eq!(images(&steps), BTreeSet::from([4]));
    }
}

#[test]
fn a_copy_that_is_gone_is_the_one_that_another_unit_takes_up() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let mut steps = Steps::with(&format!("taken-up-{at}"), BASE, flags);
        steps.save(&with(&[], 2));
        let taken_up = steps.save(&with(&["middle"], 7));
        assert_eq!(
            taken_up.names("changed"),
            ["app::middle::copy", "app::twice"]
        );
        assert_eq!(images(&steps), BTreeSet::from([2]));
        steps.save(&with(&["middle"], 8));
        assert_eq!(images(&steps), BTreeSet::from([3]));
        steps.undo(2);
        assert_eq!(images(&steps), BTreeSet::from([0]));
    }
}

#[test]
fn a_unit_that_gets_its_copy_back_unchanged_has_the_original() {
    let mut steps = Steps::new("back", BASE);
    steps.save(&with(&["right"], 2));
    let back = steps.save(BASE);
    assert_eq!(back.names("restored"), ["app::left::copy"]);
    assert!(!back.has_code(), "{}", back.answer);
    steps.save(&with(&["right"], 3));
    assert_eq!(images(&steps), BTreeSet::from([3]));
    let reverted = steps.save(BASE);
    assert!(reverted.names("changed").is_empty(), "{}", reverted.answer);
    assert_eq!(images(&steps), BTreeSet::from([0]));
}

#[test]
fn a_unit_that_takes_up_one_more_copy_leaves_callers_alone() {
    let mut steps = Steps::new("one-more", BASE);
    let more = steps.save(&with(&["left", "middle", "right"], 2));
    assert_eq!(more.names("changed"), ["app::middle::copy"]);
    assert_eq!(more.names("new"), ["app::twice"]);
}
