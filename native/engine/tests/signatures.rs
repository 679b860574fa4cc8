//! Functions that take or give other types than before, while old code, old pointers and old vtables lead to them.

#[path = "support/memory.rs"]
mod memory;
#[allow(dead_code)] // a support for several suites
#[path = "support/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "support/steps.rs"]
mod steps;

use program::{codes, names, Program};
use std::collections::BTreeSet;
use steps::Steps;

/// Mangling, and how much is inlined.
const WAYS: [&[&str]; 4] = [
    &[],
    &["-Csymbol-mangling-version=v0"],
    &["-Copt-level=2", "-Clto=off"],
    &["-Copt-level=2", "-Clto=off", "-Csymbol-mangling-version=v0"],
];

/// All that an edit redirects, shims too.
fn redirected(steps: &mut Steps, source: &str) -> Vec<String> {
    let mut all = steps.save(source).names("changed");
    all.dedup();
    all
}

const LOOP: &str = r#"
#[inline(never)] fn rule(a: u32) -> u32 { a + 1 }
#[inline(never)] fn once() -> usize { rule(std::env::args().count() as u32) as usize }
fn main() { println!("{}", once()); while once() > 0 { println!("{}", rule(2)); } }
"#;

#[test]
fn old_callers_keep_the_old_function_and_new_ones_get_the_new() {
    let after = LOOP
        .replace(
            "fn rule(a: u32) -> u32 { a + 1 }",
            "fn rule(a: u64, b: u8) -> String { format!(\"{a}{b}\") }",
        )
        .replace(
            "rule(std::env::args().count() as u32) as usize",
            "rule(std::env::args().count() as u64, 1).len()",
        )
        .replace("rule(2)", "rule(2, 3)");
    for (at, flags) in WAYS.into_iter().enumerate() {
        let mut steps = Steps::with(&format!("retyped-{at}"), LOOP, flags);
        let changed = redirected(&mut steps, &after);
        assert_eq!(changed, ["app::main", "app::once"], "{flags:?}");
        assert_eq!(steps.images("app::rule"), BTreeSet::from([0, 1]));
        // From now on they are two: an edit of the new one is none of the old one.
        let edited = redirected(&mut steps, &after.replace("{a}{b}", "{b}{a}"));
        assert_eq!(edited, ["app::rule"], "{flags:?}");
        assert_eq!(steps.images("app::rule"), BTreeSet::from([0, 2]));
        steps.save(LOOP);
        assert_eq!(steps.runs("app::once"), 0, "{flags:?}");
    }
}

#[test]
fn a_function_that_comes_back_with_other_types_is_another_one() {
    let without = LOOP
        .replace("#[inline(never)] fn rule(a: u32) -> u32 { a + 1 }", "")
        .replace("rule(std::env::args().count() as u32) as usize", "1")
        .replace("rule(2)", "2");
    let back = LOOP
        .replace(
            "fn rule(a: u32) -> u32 { a + 1 }",
            "fn rule(a: u32) -> String { format!(\"{a}\") }",
        )
        .replace(
            "rule(std::env::args().count() as u32) as usize",
            "rule(3).len()",
        );
    for (at, flags) in WAYS.into_iter().enumerate() {
        let mut steps = Steps::with(&format!("back-retyped-{at}"), LOOP, flags);
        steps.save(&without);
        let changed = redirected(&mut steps, &back);
        assert_eq!(changed, ["app::main", "app::once"], "{flags:?}");
        assert_eq!(steps.images("app::rule"), BTreeSet::from([0, 2]));
    }
}

#[test]
fn a_function_that_comes_back_with_its_types_is_the_old_one() {
    let without = LOOP
        .replace("#[inline(never)] fn rule(a: u32) -> u32 { a + 1 }", "")
        .replace("rule(std::env::args().count() as u32) as usize", "1")
        .replace("rule(2)", "2");
    for (at, flags) in WAYS.into_iter().enumerate() {
        let mut steps = Steps::with(&format!("back-typed-{at}"), LOOP, flags);
        steps.save(&without);
        let changed = redirected(&mut steps, &LOOP.replace("a + 1", "a + 7"));
        assert_eq!(changed, ["app::rule"], "{flags:?}");
        assert_eq!(steps.runs("app::rule"), 2);
    }
}

const BOXED: &str = r#"
#[inline(never)] fn make(a: u32) -> Box<dyn Fn(u32) -> u32> { Box::new(move |x| x + a) }
#[inline(never)] fn call(rule: &dyn Fn(u32) -> u32, x: u32) -> usize { rule(x) as usize }
fn main() {
    let rule = make(std::env::args().count() as u32);
    while call(&*rule, 1) > 0 { println!("{}", call(&*make(3), 2)); }
}
"#;

#[test]
fn a_living_closure_keeps_its_shims_when_its_result_becomes_another() {
    let after = BOXED
        .replace("dyn Fn(u32) -> u32", "dyn Fn(u32) -> String")
        .replace("|x| x + a", "|x| format!(\"{x}{a}\")")
        .replace("rule(x) as usize", "rule(x).len()");
    for (at, flags) in WAYS.into_iter().enumerate() {
        let answer = Program::with(&format!("shims-{at}"), BOXED, flags).diff(&after);
        let changed = names(&answer, "changed");
        assert_eq!(changed, ["app::main"], "{flags:?} {answer}");
    }
}

const NAMED: &str = r#"
#[inline(never)] fn rule(x: u32) -> u32 { x + 1 }
#[inline(never)] fn make() -> Box<dyn Fn(u32) -> u32> { Box::new(rule) }
#[inline(never)] fn call(rule: &dyn Fn(u32) -> u32, x: u32) -> usize { rule(x) as usize }
fn main() {
    let rule = make();
    while call(&*rule, 1) > 0 { println!("{}", call(&*make(), 2)); }
}
"#;

#[test]
fn a_living_function_item_keeps_its_shims_when_its_result_becomes_another() {
    let after = NAMED
        .replace(
            "(x: u32) -> u32 { x + 1 }",
            "(x: u32) -> String { x.to_string() }",
        )
        .replace("dyn Fn(u32) -> u32", "dyn Fn(u32) -> String")
        .replace("rule(x) as usize", "rule(x).len()");
    for (at, flags) in WAYS.into_iter().enumerate() {
        let answer = Program::with(&format!("item-shims-{at}"), NAMED, flags).diff(&after);
        let changed = names(&answer, "changed");
        assert_eq!(changed, ["app::main"], "{flags:?} {answer}");
    }
}

const INSTANCES: &str = r#"
#[inline(never)] fn later(v: Option<u32>) -> u32 { v.map_or_else(|| 7, |x| x + 1) }
fn main() { println!("{}", later(std::env::args().next().map(|_| 2))); }
"#;

#[test]
fn another_instance_of_a_function_of_std_is_no_change_of_its_signature() {
    let after = INSTANCES
        .replace("Option<u32>) -> u32", "Option<u64>) -> u32")
        .replace("|x| x + 1)", "|x| x as u32)");
    for (at, flags) in WAYS.into_iter().enumerate() {
        let answer = Program::with(&format!("instances-{at}"), INSTANCES, flags).diff(&after);
        assert_eq!(codes(&answer), [""; 0], "{flags:?} {answer}");
    }
}

/// Places that hold pointers, of which each guards the type of what it holds.
#[test]
fn a_place_that_holds_pointers_of_another_type_must_not_be_alive() {
    let source = r#"
        #[inline(never)] fn rule(x: u32) -> u32 { x + 1 }
        struct Held { rule: HELD }
        #[inline(never)] fn call(held: &Held) -> usize { (held.rule)(1) as usize }
        fn main() {
            let held = Held { rule: MAKE };
            while call(&held) > 0 {}
        }
    "#;
    let kinds = [
        ("fn(u32) -> TYPE", "rule"),
        ("Box<dyn Fn(u32) -> TYPE>", "Box::new(rule)"),
        ("std::rc::Rc<dyn Fn(u32) -> TYPE>", "std::rc::Rc::new(rule)"),
    ];
    for (at, (held, make)) in kinds.into_iter().enumerate() {
        let before = source.replace("HELD", held).replace("MAKE", make);
        let after = before
            .replace("rule(x: u32) -> u32", "rule(x: u32) -> u64")
            .replace("x + 1", "x as u64 + 1")
            .replace("TYPE", "u64");
        let before = before.replace("TYPE", "u32");
        for (way, flags) in WAYS.into_iter().enumerate() {
            let answer = Program::with(&format!("held-{at}-{way}"), &before, flags).diff(&after);
            let reasons = answer["layouts"].as_array().expect("reasons");
            assert_eq!(reasons[0]["subject"], "app::Held", "{answer}");
        }
    }
}
