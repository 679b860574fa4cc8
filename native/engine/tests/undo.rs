//! Patches that are taken back: what their entries lead to, who goes with them, and what comes with the next save.

#[path = "support/memory.rs"]
mod memory;
#[allow(dead_code)] // a support for several suites
#[path = "support/program.rs"]
mod program;
#[path = "support/steps.rs"]
mod steps;

use serde_json::json;
use steps::Steps;

/// Three modules, so three units: an edit of one does not compile the others anew.
fn source(a: u32, b: u32, c: u32) -> String {
    format!(
        "mod a {{ #[inline(never)] pub fn value(x: u32) -> u32 {{ x.wrapping_add({a}) }} }}
         mod b {{ #[inline(never)] pub fn value(x: u32) -> u32 {{ x.wrapping_mul({b}) }} }}
         mod c {{ #[inline(never)] pub fn value(x: u32) -> u32 {{ x.wrapping_sub({c}) }} }}
         fn main() {{ let x = std::env::args().count() as u32; println!(\"{{}}\", a::value(x) + b::value(x) + c::value(x)); }}"
    )
}

fn running(steps: &Steps) -> [usize; 3] {
    ["app::a::value", "app::b::value", "app::c::value"].map(|name| steps.runs(name))
}

#[test]
fn the_middle_one_of_three_is_taken_back_alone() {
    let mut steps = Steps::new("middle", &source(1, 1, 1));
    steps.save(&source(2, 1, 1));
    steps.save(&source(2, 2, 1));
    steps.save(&source(2, 2, 2));
    assert_eq!(running(&steps), [1, 2, 3]);
    let undone = steps.undo(2);
    assert_eq!(undone.patches(), [2]);
    assert_eq!(undone.names("restored"), ["app::b::value"]);
    assert!(!undone.has_code());
    assert_eq!(undone.answer["memory"], 0);
    assert_eq!(running(&steps), [1, 0, 3]);
}

#[test]
fn the_next_save_brings_what_was_taken_back() {
    let mut steps = Steps::new("again", &source(1, 1, 1));
    steps.save(&source(1, 2, 1));
    steps.undo("newest");
    assert_eq!(running(&steps), [0, 0, 0]);
    let saved = steps.save(&source(2, 2, 1));
    assert_eq!(saved.names("changed"), ["app::a::value", "app::b::value"]);
    assert_eq!(running(&steps), [3, 3, 0]);
    steps.undo(3);
    assert_eq!(running(&steps), [0, 0, 0]);
}

#[test]
fn later_patches_of_the_same_function_go_with_it_and_all_entries_lead_to_what_is_left() {
    let mut steps = Steps::new("same", &source(1, 1, 1));
    for value in [2, 3, 4] {
        steps.save(&source(value, 1, 1));
    }
    let undone = steps.undo(2);
    assert_eq!(undone.patches(), [3, 2]);
    assert_eq!(undone.names("restored"), ["app::a::value"]);
    assert_eq!(running(&steps), [1, 0, 0]);
    let undone = steps.undo("newest");
    assert_eq!(undone.patches(), [1]);
    assert_eq!(running(&steps), [0, 0, 0]);
}

#[test]
fn a_function_survives_any_order_of_patches_and_undos() {
    let mut steps = Steps::new("order", &source(1, 1, 1));
    steps.save(&source(2, 1, 1));
    steps.save(&source(2, 2, 1));
    steps.save(&source(3, 2, 1));
    assert_eq!(steps.undo(2).patches(), [2]); // image 4
    assert_eq!(running(&steps), [3, 0, 0]);
    steps.save(&source(4, 2, 1)); // image 5: `a` edited, `b` again
    assert_eq!(running(&steps), [5, 5, 0]);
    assert_eq!(steps.undo(5).patches(), [5]);
    assert_eq!(running(&steps), [3, 0, 0]);
    assert_eq!(steps.undo(1).patches(), [3, 1]);
    assert_eq!(running(&steps), [0, 0, 0]);
    steps.save(&source(5, 1, 3)); // image 8
    assert_eq!(running(&steps), [8, 0, 8]);
    let refused = steps.ask(json!({ "op": "undo", "target": 1, "patch": 9, "offset": 0 }));
    assert_eq!(refused["refused"][0]["code"], "nothing-to-undo");
    steps.undo("newest");
    assert_eq!(running(&steps), [0, 0, 0]);
    let refused = steps.ask(json!({ "op": "undo", "target": "newest", "patch": 10, "offset": 0 }));
    assert_eq!(refused["refused"][0]["code"], "nothing-to-undo");
}

#[test]
fn a_patch_whose_code_a_later_one_calls_takes_that_one_with_it() {
    let mut steps = Steps::new("calls", &source(1, 1, 1));
    let helper = "mod d { #[inline(never)] pub fn help(x: u32) -> u32 { x ^ 5 } }";
    let first = source(1, 1, 1).replace("x.wrapping_add(1)", "crate::d::help(x)") + helper;
    steps.save(&first);
    steps.save(&first.replace("x.wrapping_mul(1)", "crate::d::help(x) + 1"));
    assert_eq!(steps.undo(1).patches(), [2, 1]);
    assert_eq!(running(&steps), [0, 0, 0]);
}

#[test]
fn a_call_of_an_older_function_is_no_reason_to_go_with_its_newest_version() {
    let calls = |a: &str, b: &str| {
        source(1, 1, 1)
            .replace("x.wrapping_add(1)", a)
            .replace("x.wrapping_mul(1)", b)
    };
    let mut steps = Steps::new("call-older", &calls("x", "crate::a::value(x)"));
    steps.save(&calls("x + 2", "crate::a::value(x)"));
    // Bound to the code of patch 1.
    steps.save(&calls("x + 2", "crate::a::value(x) + 3"));
    assert_eq!(steps.undo(1).patches(), [1]);
    assert_eq!(running(&steps), [0, 2, 0]);
}

#[test]
fn constants_that_were_written_in_place_come_back() {
    let base = "#[inline(never)] fn at(v: &[u32], i: usize) -> u32 { v[i] }
        fn main() { println!(\"{}\", at(&[1, 2], std::env::args().count())); }";
    let mut steps = Steps::new("words", base);
    let moved = steps.save(&format!("\n{base}"));
    assert!(!moved.has_code());
    let written = moved.plan()["writes"].clone();
    let undone = steps.undo("newest");
    let back = undone.plan()["writes"].clone();
    let swapped = |writes: &serde_json::Value, one: &str| -> Vec<serde_json::Value> {
        let writes = writes.as_array().expect("writes");
        writes.iter().map(|w| json!([w["at"], w[one]])).collect()
    };
    assert!(!swapped(&written, "old").is_empty());
    assert_eq!(swapped(&written, "old"), swapped(&back, "new"));
}

#[test]
fn status_tells_what_became_of_each_patch() {
    let mut steps = Steps::new("status", &source(1, 1, 1));
    steps.save(&source(2, 1, 1));
    steps.save(&source(3, 1, 1));
    steps.save(&source(3, 2, 1));
    steps.undo(3);
    let status = steps.ask(json!({ "op": "status" }));
    let states: Vec<_> = status["patches"]
        .as_array()
        .expect("patches")
        .iter()
        .map(|p| {
            (
                p["patch"].as_u64(),
                p["state"].as_str().expect("a state").to_string(),
            )
        })
        .collect();
    let expected = [(1, "replaced"), (2, "live"), (3, "taken-back")];
    assert_eq!(states, expected.map(|(n, s)| (Some(n), s.to_string())));
    assert_eq!(status["patches"][0]["functions"], json!(["app::a::value"]));
    assert!(status["patches"][0]["bytes"].as_u64() > Some(0));
}

#[test]
fn what_nothing_current_needs_is_offered_and_a_static_in_use_is_not() {
    let mut steps = Steps::new("offered", &source(1, 1, 1));
    let with_static = |a: u32| {
        source(a, 1, 1).replace("x.wrapping_mul(1)", "x + HITS.fetch_add(1, std::sync::atomic::Ordering::Relaxed)")
            .replace("mod b {", "mod b { static HITS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(7);")
    };
    steps.save(&with_static(1));
    for value in 2..12 {
        steps.save(&with_static(value));
    }
    let offered = |steps: &Steps| steps.ask(json!({ "op": "unreachable" }))["patches"].clone();
    // 1 holds the static; 4 to 11 are kept for steps back.
    assert_eq!(offered(&steps), json!([2, 3]));
    steps.ask(json!({ "op": "unloaded", "patches": [2, 3] }));
    assert_eq!(offered(&steps), json!([2, 3]), "they stay what they are");
    // A redirect of what is free would bring its memory back.
    let saved = steps.save(&with_static(20));
    let redirects = saved.plan()["redirects"]
        .as_array()
        .expect("redirects")
        .len();
    assert_eq!(redirects, 1 + 8, "the original, and patches 4 to 11");
    for _ in 0..8 {
        steps.undo("newest");
    }
    // The step to 3 would lead into what is free, so it goes on to the original.
    let undone = steps.undo("newest");
    assert_eq!(undone.patches(), [4, 3, 2]);
    assert_eq!(running(&steps)[1], 1);
}
