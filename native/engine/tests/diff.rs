//! What a change to the source redirects, and what it is refused for.

#[path = "support/program.rs"]
mod program;

use program::{codes, layouts, message, names, Program};

const BASE: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
static HITS: AtomicU32 = AtomicU32::new(3);
static PRICES: [u32; 3] = [1, 2, 3];
trait Shape { fn area(&self) -> u32; fn name(&self) -> &'static str; }
struct Square { side: u32 }
impl Shape for Square {
    fn area(&self) -> u32 { self.side * self.side }
    fn name(&self) -> &'static str { "square" }
}
mod tables { #[inline(never)] pub fn price(i: usize) -> u32 { super::PRICES[i] } }
#[inline(never)] fn double(x: u32) -> u32 { x.wrapping_mul(2) }
#[inline(never)] fn at(v: &[u32], i: usize) -> u32 { v[i] }
#[inline(never)] fn apply(f: fn(u32) -> u32, x: u32) -> u32 { f(x) }
fn sum(v: &[u32]) -> u32 { v.iter().map(|x| x + 1).sum() }
fn run(shape: &dyn Shape) -> u32 {
    HITS.fetch_add(1, Ordering::Relaxed);
    shape.area() + double(2) + at(&[1, 2], 1) + apply(double, 3) + tables::price(0) + sum(&[1]) + shape.name().len() as u32
}
fn main() { println!("{}", run(&Square { side: std::env::args().count() as u32 })); }
"#;

fn edit(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "the edit finds {from}");
    BASE.replace(from, to)
}

#[test]
fn a_body_edit_redirects_that_function_alone() {
    let answer = Program::new("body", BASE).diff(&edit("wrapping_mul(2)", "wrapping_mul(3)"));
    assert_eq!(names(&answer, "changed"), ["app::double"]);
    assert_eq!(
        (codes(&answer), answer["writes"].as_u64()),
        (vec![], Some(0))
    );
}

#[test]
fn a_blank_line_redirects_nothing_and_moves_the_panic_locations() {
    let answer = Program::new("blank", BASE).diff(&edit(
        "#[inline(never)] fn double",
        "\n#[inline(never)] fn double",
    ));
    assert_eq!(names(&answer, "changed"), [""; 0]);
    assert!(answer["writes"].as_u64() > Some(0), "{answer}");
}

#[test]
fn the_same_source_changes_nothing() {
    let answer = Program::new("same", BASE).diff(BASE);
    assert_eq!(names(&answer, "changed"), [""; 0]);
    assert_eq!(answer["writes"], 0);
}

#[test]
fn readers_of_a_changed_constant_are_redirected_in_every_unit() {
    let answer = Program::new("constant", BASE).diff(&edit("[1, 2, 3]", "[7, 8, 9]"));
    assert_eq!(names(&answer, "changed"), ["app::tables::price"]);
}

#[test]
fn a_changed_initializer_is_noted_and_not_applied() {
    let answer =
        Program::new("initializer", BASE).diff(&edit("AtomicU32::new(3)", "AtomicU32::new(4)"));
    assert_eq!(names(&answer, "changed"), [""; 0]);
    assert_eq!(
        answer["notes"][0],
        "`app::HITS` keeps its live value; its new initial value applies after a restart."
    );
}

#[test]
fn a_changed_method_is_redirected_through_the_old_vtable() {
    let answer = Program::new("method", BASE).diff(&edit("self.side * self.side", "self.side + 1"));
    assert_eq!(
        names(&answer, "changed"),
        ["<app::Square as app::Shape>::area"]
    );
}

#[test]
fn a_grown_struct_is_told_by_name_and_field() {
    let answer = Program::new("layout", BASE).diff(
        &edit(
            "struct Square { side: u32 }",
            "struct Square { color: u64, side: u32 }",
        )
        .replace("Square { side: std", "Square { color: 1, side: std"),
    );
    let text = &layouts(&answer)[0];
    assert!(
        text.contains("`app::Square`") && text.contains("color"),
        "{text}"
    );
}

#[test]
fn a_grown_vtable_is_refused_by_type_and_trait() {
    let answer = Program::new("vtable", BASE).diff(&edit(
        "trait Shape { fn area(&self) -> u32;",
        "trait Shape { fn corners(&self) -> u32 { 4 } fn area(&self) -> u32;",
    ));
    let text = message(&answer, "vtable-shape");
    assert!(
        text.contains("`app::Square`") && text.contains("`app::Shape`"),
        "{text}"
    );
}

#[test]
fn a_changed_type_of_a_static_is_refused_by_name() {
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let answer = Program::with(&format!("static-{mangling}"), BASE, flags).diff(
            &BASE
                .replace("AtomicU32", "AtomicU64")
                .replace("-> u32 {\n    HITS", "-> u32 {\n    let _: u64 = 1; HITS"),
        );
        assert!(
            message(&answer, "static-layout").contains("`app::HITS`"),
            "{mangling}: {answer}"
        );
    }
}

#[test]
fn a_changed_signature_behind_a_live_pointer_is_refused_by_name() {
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let answer = Program::with(&format!("signature-{mangling}"), BASE, flags).diff(
            &edit(
                "fn double(x: u32) -> u32 { x.wrapping_mul(2) }",
                "fn double(x: u64) -> u64 { x.wrapping_mul(2) }",
            )
            .replace(
                "fn apply(f: fn(u32) -> u32, x: u32) -> u32 { f(x) }",
                "fn apply(f: fn(u64) -> u64, x: u32) -> u32 { f(x as u64) as u32 }",
            )
            .replace("double(2)", "double(2) as u32"),
        );
        assert!(
            message(&answer, "signature").contains("`app::double`"),
            "{mangling}: {answer}"
        );
    }
}

#[test]
fn a_changed_signature_that_only_calls_reach_is_applied() {
    let answer =
        Program::with("signature-call", BASE, &["-Csymbol-mangling-version=v0"]).diff(&edit(
            "fn at(v: &[u32], i: usize) -> u32 { v[i] }",
            "fn at(v: &[u32], i: i64) -> u32 { v[i as usize] }",
        ));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    // The caller passes the same bits, so only the gate can know that it must call another function.
    assert_eq!(names(&answer, "changed"), ["app::run"]);
}

#[test]
fn a_closure_put_before_another_leaves_the_running_one_its_body() {
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let mut program = Program::with(&format!("closure-{mangling}"), BASE, flags);
        let answer = program.diff(&edit(
            "v.iter().map(|x| x + 1).sum()",
            "v.iter().map(|x| x * 3).map(|x| x + 1).sum()",
        ));
        assert_eq!(codes(&answer), [""; 0], "{answer}");
        assert_eq!(names(&answer, "changed"), ["app::sum"]);
    }
}

#[test]
fn a_closure_that_captures_more_keeps_its_old_code_for_those_that_live() {
    let source = r#"
        fn rules(a: u32, b: u64) -> Vec<Box<dyn Fn(u32) -> u64>> { vec![Box::new(move |x| (a + x).into()), Box::new(move |x| b * u64::from(x))] }
        fn main() { let rules = rules(std::env::args().count() as u32, 3); println!("{} {}", rules[0](1), rules[1](2)); }
    "#;
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let mut program = Program::with(&format!("captures-{mangling}"), source, flags);
        let answer = program.diff(&source.replace("(a + x).into()", "u64::from(a + x) + b"));
        assert_eq!(
            (codes(&answer), names(&answer, "changed")),
            (vec![], vec!["app::rules".to_string()]),
            "{answer}"
        );
        // In front of both: they move on by one, and nothing that lives is touched.
        let answer =
            program.diff(&source.replace("vec![", "vec![Box::new(move |x| (a ^ x).into()), "));
        assert_eq!(
            (codes(&answer), names(&answer, "changed")),
            (vec![], vec!["app::rules".to_string()]),
            "{answer}"
        );
    }
}

const FUTURE: &str = r#"
use std::{future::Future, pin::Pin, task::{Context, Poll, Waker}};
async fn step(x: u32) -> u32 { std::future::ready(()).await; x + 1 }
async fn outer(x: u32) -> u32 { step(x).await * 2 }
fn boxed(x: u32) -> Pin<Box<dyn Future<Output = u32>>> { Box::pin(outer(x)) }
#[inline(never)] fn drive(mut f: Pin<Box<dyn Future<Output = u32>>>) -> u32 {
    match f.as_mut().poll(&mut Context::from_waker(Waker::noop())) { Poll::Ready(x) => x, Poll::Pending => 0 }
}
fn main() { println!("{}", drive(boxed(std::env::args().count() as u32))); }
"#;

#[test]
fn a_future_that_grows_keeps_its_old_code_for_those_that_run() {
    let answer = Program::new("future", FUTURE).diff(&FUTURE.replace(
        "std::future::ready(()).await; x + 1",
        "let big = [x; 8]; std::future::ready(()).await; x + big[3]",
    ));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    // `boxed` makes futures; what polls or drops them is not touched.
    assert_eq!(names(&answer, "changed"), ["app::boxed"]);
    let note = answer["notes"][0].as_str().unwrap_or_default();
    assert!(
        note.starts_with(
            "Futures and closures of `app::outer`, `app::step` from before go on in the old code"
        ),
        "{answer}"
    );
}

#[test]
fn a_future_whose_body_alone_changed_is_redirected() {
    let answer = Program::new("future-body", FUTURE).diff(&FUTURE.replace("x + 1", "x + 7"));
    assert_eq!(names(&answer, "changed"), ["app::step::{{closure}}"]);
}

#[test]
fn an_edited_closure_is_redirected() {
    let answer = Program::new("closure-body", BASE).diff(&edit("|x| x + 1", "|x| x + 2"));
    assert_eq!(names(&answer, "changed"), ["app::sum::{{closure}}"]);
}

#[test]
fn optimised_callers_of_an_inlined_function_are_redirected() {
    let source = BASE
        .replace("#[inline(never)] fn double", "#[inline] fn double")
        .replace("fn run(", "#[inline(never)] fn run(");
    let mut program = Program::with("inlined", &source, &["-Copt-level=2", "-Clto=off"]);
    let answer = program.diff(&source.replace("wrapping_mul(2)", "wrapping_mul(5)"));
    assert!(
        names(&answer, "changed").contains(&"app::run".to_string()),
        "{answer}"
    );
}

#[test]
fn damaged_objects_are_errors() {
    let program = Program::new("damaged", BASE);
    let base = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("damaged/base");
    let unit = std::fs::read_dir(&base)
        .unwrap()
        .map(|e| e.unwrap().path())
        .max_by_key(|p| p.metadata().unwrap().len())
        .unwrap();
    let bytes = std::fs::read(&unit).unwrap();
    let damaged = unit.with_extension("damaged");
    let name = unit.file_stem().unwrap().to_string_lossy().into_owned();
    // Every header byte, and a sample of all others, by a fixed stride: the same run after run.
    for at in (0..64).chain((64..bytes.len()).step_by(97)) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0xff;
        std::fs::write(&damaged, &flipped).unwrap();
        let request = serde_json::json!({ "op": "diff", "host": program.host, "changed": [{ "crate": "app", "unit": name, "path": damaged }] });
        // An answer or an error, never a panic.
        let _ = hotpatch_engine::service::call(&request.to_string()).map(|r| {
            let plan: serde_json::Value = serde_json::from_str(&r.json).unwrap();
            program.link(&plan)
        });
    }
}
