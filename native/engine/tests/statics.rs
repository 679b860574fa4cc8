//! Statics whose live value does not fit the new code.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use program::{message, Program};

const SOURCE: &str = r#"
use std::sync::Mutex;
struct State { answers: u32, name: &'static str }
static STATE: Mutex<State> = Mutex::new(State { answers: 3, name: "old" });
static PLAIN: State = State { answers: 3, name: "old" };
static mut BARE: State = State { answers: 3, name: "old" };
static LIMIT: Mutex<u32> = Mutex::new(1);
fn main() {
    let state = STATE.lock().unwrap();
    let bare = unsafe { (&raw const BARE).read() };
    println!("{} {} {} {} {}", state.answers, state.name, PLAIN.answers, bare.name, LIMIT.lock().unwrap());
}
"#;

#[test]
fn a_static_of_a_grown_type_is_refused_by_type_field_and_offset() {
    let edit = SOURCE
        .replace("answers: u32,", "answers: u32, limit: u64,")
        .replace("answers: 3,", "answers: 3, limit: 1,");
    let answer = Program::new("grown-static", SOURCE).diff(&edit);
    let messages = answer["refused"].to_string();
    for words in [
        "The static `app::BARE` changed the layout of its type `app::State` (size 24 -> 32, field `limit: u64` is new at offset ",
        "The static `app::STATE` changed the layout of its type `std::sync::poison::mutex::Mutex<app::State>`",
        "The layout of `app::State` changed (size 24 -> 32, field `limit: u64` is new at offset ",
    ] {
        assert!(messages.contains(words), "{words}: {messages}");
    }
}

#[test]
fn a_static_of_another_type_is_refused_by_both_types() {
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        let edit = SOURCE.replace("LIMIT: Mutex<u32>", "LIMIT: Mutex<i32>");
        let answer = Program::with(&format!("retyped-{mangling}"), SOURCE, flags).diff(&edit);
        let text = message(&answer, "static-layout");
        let types = ["mutex::Mutex<u32>` to `", "mutex::Mutex<i32>`, and"];
        assert!(types.iter().all(|t| text.contains(t)), "{mangling}: {text}");
    }
}
