//! Which running function is which new one, where the symbol does not say it.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use program::{codes, names, Program};

/// The flags for v0 names, and for the stable default, legacy ones.
const MANGLINGS: [&[&str]; 2] = [&["-Csymbol-mangling-version=v0"], &[]];

const STATIONS: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
trait Station { fn name(&self) -> String; }
struct Near(u32);
struct Far(u32);
/*before*/
impl Station for Near {
    fn name(&self) -> String {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        format!("near {} {}", self.0, ASKED.fetch_add(1, Ordering::Relaxed))
    }
}
impl Station for Far {
    fn name(&self) -> String { format!("far {}", self.0) }
}
fn main() {
    let n = std::env::args().count() as u32;
    let all: Vec<Box<dyn Station>> = vec![Box::new(Near(n)), Box::new(Far(n))];
    for one in &all { println!("{}", one.name()); }
}
"#;

#[test]
fn methods_behind_a_new_impl_are_still_themselves() {
    for (at, mangling) in MANGLINGS.into_iter().enumerate() {
        let mut program = Program::with(&format!("impl-{at}"), STATIONS, mangling);
        let answer = program.diff(
            &STATIONS
                .replace("/*before*/", "impl Clone for Near { fn clone(&self) -> Near { Near(self.0) } } impl Clone for Far { fn clone(&self) -> Far { Far(self.0) } }")
                .replace("\"far {}\"", "\"far, far {}\""),
        );
        assert_eq!(codes(&answer), [""; 0], "{mangling:?}: {answer}");
        assert_eq!(
            names(&answer, "changed"),
            ["<app::Far as app::Station>::name"],
            "{mangling:?}: {answer}"
        );
        assert_eq!(answer["notes"].as_array().unwrap().len(), 0, "{answer}");
    }
}

const FOLDED: &str = r#"
#[inline(never)] pub fn first(x: u32) -> u32 { x.wrapping_mul(77).rotate_left(3) ^ 5 }
#[inline(never)] pub fn second(x: u32) -> u32 { x.wrapping_mul(77).rotate_left(3) ^ 6 }
mod others { pub mod deep {
  #[inline(never)] pub fn ask(x: u32) -> u32 { crate::second(x).wrapping_add(crate::first(x)) }
}}
fn main() {
    let n = std::env::args().count() as u32;
    println!("{} {} {}", first(n), second(n + 1), others::deep::ask(n));
}
"#;

#[test]
fn a_function_that_becomes_equal_to_another_is_redirected() {
    let mut program = Program::with("folds", FOLDED, &["-Copt-level=2", "-Clto=off"]);
    let answer = program.diff(&FOLDED.replace("^ 6", "^ 5"));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    // `main` calls it in the same unit, where both are one function now; `ask` in another unit did not change.
    assert_eq!(
        names(&answer, "changed"),
        ["app::main", "app::second"],
        "{answer}"
    );
}

#[test]
fn a_function_that_was_equal_to_another_is_refused() {
    let equal = FOLDED.replace("^ 6", "^ 5");
    let one = FOLDED.to_string();
    let both = FOLDED.replace("^ 6", "^ 7").replace("^ 5", "^ 8");
    for (at, edit) in [one, both].iter().enumerate() {
        let flags = ["-Copt-level=2", "-Clto=off"];
        let answer = Program::with(&format!("unfolds-{at}"), &equal, &flags).diff(edit);
        assert_eq!(codes(&answer), ["folded-function"], "{answer}");
    }
}

#[test]
fn a_static_that_becomes_mutable_is_refused() {
    let source = r#"
        static LIMIT: u32 = 5;
        #[inline(never)] fn limit() -> u32 { unsafe { (&raw const LIMIT).read_volatile() } }
        fn main() { println!("{}", limit()); }
    "#;
    for (at, mangling) in MANGLINGS.into_iter().enumerate() {
        let mut program = Program::with(&format!("kind-{at}"), source, mangling);
        let answer = program.diff(
            &source
                .replace("static LIMIT", "static mut LIMIT")
                .replace("{ (&raw const", "{ LIMIT += 1; (&raw const"),
        );
        assert_eq!(codes(&answer), ["static-layout"], "{answer}");
    }
}

const DROPPED: &str = r#"
trait Part { fn size(&self) -> u32; }
struct Plain(u32);
/*drop*/
impl Part for Plain { fn size(&self) -> u32 { self.0 } }
fn main() {
    let all: Vec<Box<dyn Part>> = vec![Box::new(Plain(std::env::args().count() as u32))];
    println!("{}", all[0].size());
}
"#;

#[test]
fn a_destructor_for_a_type_whose_objects_live_is_refused() {
    let mut program = Program::new("drop", DROPPED);
    let answer = program.diff(&DROPPED.replace(
        "/*drop*/",
        "impl Drop for Plain { fn drop(&mut self) { println!(\"gone\"); } }",
    ));
    assert_eq!(codes(&answer), ["vtable-shape"], "{answer}");
}

const DEFAULTED: &str = r#"
trait Part { fn size(&self) -> u32; fn label(&self) -> String { "part".to_string() } }
struct Plain(u32);
impl Part for Plain { fn size(&self) -> u32 { self.0 } /*override*/ }
fn main() {
    let all: Vec<Box<dyn Part>> = vec![Box::new(Plain(std::env::args().count() as u32))];
    println!("{} {}", all[0].size(), all[0].label());
}
"#;

#[test]
fn an_override_of_a_default_method_takes_its_place() {
    for (at, mangling) in MANGLINGS.into_iter().enumerate() {
        let own = DEFAULTED.replace(
            "/*override*/",
            "fn label(&self) -> String { \"plain\".to_string() }",
        );
        let answer = Program::with(&format!("override-{at}"), DEFAULTED, mangling).diff(&own);
        assert_eq!(codes(&answer), [""; 0], "{answer}");
        assert_eq!(
            names(&answer, "changed"),
            ["<app::Plain as app::Part>::label"],
            "{answer}"
        );
        let answer = Program::with(&format!("no-override-{at}"), &own, mangling).diff(DEFAULTED);
        assert_eq!(codes(&answer), [""; 0], "{answer}");
        // The instance of the default for `Plain`: v0 names spell the type, legacy ones do not.
        let default = ["<app::Plain as app::Part>::label", "app::Part::label"][at];
        assert_eq!(names(&answer, "changed"), [default], "{answer}");
    }
}

const CLOSURE_STATICS: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
fn rules() -> Vec<Box<dyn Fn() -> u32>> {
    vec![/*first*/ Box::new(|| { static SEEN: AtomicU32 = AtomicU32::new(1); SEEN.fetch_add(1, Ordering::Relaxed) })]
}
fn main() { for rule in rules() { println!("{}", rule()); } }
"#;

#[test]
fn statics_inside_of_closures_that_were_renumbered_are_refused() {
    for (at, mangling) in MANGLINGS.into_iter().enumerate() {
        let answer = Program::with(&format!("closure-static-{at}"), CLOSURE_STATICS, mangling).diff(
            &CLOSURE_STATICS.replace("/*first*/", "Box::new(|| { static SEEN: AtomicU32 = AtomicU32::new(100); SEEN.fetch_add(2, Ordering::Relaxed) }),"),
        );
        assert_eq!(codes(&answer), ["anonymous-static"], "{answer}");
    }
}

const LAZY: &str = r#"
struct A; struct B;
trait Make { fn make(&self) -> Box<dyn Iterator<Item = u32>>; }
/*before*/
impl Make for A { fn make(&self) -> Box<dyn Iterator<Item = u32>> { Box::new((0..3u32).map(|x| x + 1)) } }
impl Make for B { fn make(&self) -> Box<dyn Iterator<Item = u32>> { Box::new((0..3u32).map(|x| x * 100)) } }
fn main() {
    let mut live = (A.make(), B.make());
    println!("{:?} {:?}", live.0.next(), live.1.next());
}
"#;

#[test]
fn lazy_iterators_that_live_keep_their_closure_behind_a_new_impl() {
    for (at, mangling) in MANGLINGS.into_iter().enumerate() {
        let answer = Program::with(&format!("lazy-{at}"), LAZY, mangling).diff(
            &LAZY.replace("/*before*/", "struct C; impl Make for C { fn make(&self) -> Box<dyn Iterator<Item = u32>> { Box::new((0..3u32).map(|x| x + 7)) } }"),
        );
        assert_eq!(
            (codes(&answer), names(&answer, "changed")),
            (vec![], vec![]),
            "{answer}"
        );
    }
}

const MOVED: &str = r#"
mod a { #[inline(never)] pub fn twice(x: u32) -> u32 { x + x } #[inline(never)] pub fn at(v: &[u32], i: usize) -> u32 { v[i] } }
mod b { /*here*/ }
use a::twice;
#[inline(never)] fn apply(f: fn(u32) -> u32, x: u32) -> u32 { f(x) }
fn main() { println!("{} {}", apply(twice, 3), a::at(&[1, 2], 1)); }
"#;

#[test]
fn a_function_moved_to_another_module_is_still_itself() {
    for (at, mangling) in MANGLINGS.into_iter().enumerate() {
        let moved = MOVED
            .replace("#[inline(never)] pub fn twice(x: u32) -> u32 { x + x }", "")
            .replace(
                "/*here*/",
                "#[inline(never)] pub fn twice(x: u32) -> u32 { x + x }",
            )
            .replace("use a::twice", "use b::twice");
        let answer = Program::with(&format!("moved-{at}"), MOVED, mangling).diff(&moved);
        assert_eq!(
            (codes(&answer), names(&answer, "changed")),
            (vec![], vec![]),
            "{answer}"
        );
    }
}
