//! Types of the user that are laid out otherwise: where values of the old layout could be.

#[path = "support/memory.rs"]
mod memory;
#[path = "support/program.rs"]
mod program;
#[path = "support/steps.rs"]
mod steps;

use program::{codes, message, names, Program};
use serde_json::Value;
use steps::{Outcome, Steps};

/// A value that lives as long as one call of `work`; an object of it, too.
const SOURCE: &str = r#"
use std::fmt::Display;
pub struct Row { pub name: String, pub count: u8 }
impl Row {
    #[inline(never)] pub fn new(count: u8) -> Row { Row { name: String::new(), count } }
    #[inline(never)] pub fn show(&self) -> usize { self.name.len() + self.count as usize }
}
impl Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}", self.show()) }
}
#[inline(never)] fn object() -> Box<dyn Display> { Box::new(Row::new(1)) }
#[inline(never)] fn work() -> usize { let row = Row::new(3); row.show() }
#[inline(never)] fn rest() -> String { object().to_string() }
fn main() { println!("{} {}", work(), rest()); }
"#;

fn grown(source: &str) -> String {
    source
        .replace("pub count: u8 }", "pub count: u8, pub more: [u64; 4] }")
        .replace("count } }", "count, more: [7; 4] } }")
}

/// What must be absent, by kind and name.
fn absent(image: &[u8], kind: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(image);
    let start = text.find("{\"format\":").expect("the plan");
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    let plan = values.next().expect("the plan").expect("JSON");
    let all = plan["absent"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = all
        .iter()
        .filter(|one| one["kind"] == kind)
        .map(|one| one["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn asked_of(program: &mut Program, source: &str, kind: &str) -> Vec<String> {
    let answer = program.diff(source);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(answer["layouts"][0]["code"], "type-layout", "{answer}");
    let (linked, image) = program.link(&answer);
    assert_eq!(codes(&linked), [""; 0], "{linked}");
    absent(&image, kind)
}

#[test]
fn code_that_has_values_in_its_frames_must_not_be_running() {
    for (name, flags) in [
        ("old-values-legacy", &[][..]),
        ("old-values-v0", &["-Csymbol-mangling-version=v0"]),
        ("old-values-optimised", &["-Copt-level=1"]),
    ] {
        let mut program = Program::with(name, SOURCE, flags);
        let code = asked_of(&mut program, &grown(SOURCE), "code");
        // In v0 an inherent method is `<app::Row>::new`.
        let code: Vec<String> = code
            .iter()
            .map(|name| name.replace(['<', '>'], ""))
            .collect();
        for function in [
            "app::Row::new",
            "app::Row::show",
            "app::work",
            "app::object",
        ] {
            assert!(
                code.iter().any(|known| known == function),
                "{name}: {function} in {code:?}"
            );
        }
        // Optimised, `rest` knows what its object is, and is among them.
        let others = if name.ends_with("optimised") {
            &["app::main"][..]
        } else {
            &["app::main", "app::rest"]
        };
        for function in others {
            assert!(
                code.iter().all(|known| known != *function),
                "{name}: {function} in {code:?}"
            );
        }
    }
}

#[test]
fn objects_are_known_by_their_vtables() {
    for (name, flags) in [
        ("old-objects-legacy", &[][..]),
        ("old-objects-optimised", &["-Copt-level=2"]),
    ] {
        let mut program = Program::with(name, SOURCE, flags);
        let tables = asked_of(&mut program, &grown(SOURCE), "table");
        assert!(
            tables
                .iter()
                .any(|name| name.contains("app::Row as core::fmt::Display")),
            "{name}: {tables:?}"
        );
    }
}

#[test]
fn the_report_says_what_changed_of_which_nothing_was_alive() {
    let answer = Program::new("old-values-note", SOURCE).diff(&grown(SOURCE));
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("The layout of `app::Row` changed (size 32 -> 64, field `more: [u64; 4]` is new at offset"),
        "{notes}"
    );
    assert!(
        notes.contains("no value of the old one was alive"),
        "{notes}"
    );
    assert!(
        names(&answer, "changed").contains(&"app::Row::new".to_owned()),
        "{answer}"
    );
}

#[test]
fn what_a_static_may_lead_to_is_refused() {
    let statics = [
        ("mutex", "static LAST: std::sync::Mutex<Vec<Box<Row>>> = std::sync::Mutex::new(Vec::new());", "app::LAST"),
        ("local", "thread_local! { static LAST: std::cell::RefCell<Option<Box<Row>>> = const { std::cell::RefCell::new(None) }; }", "app::LAST"),
        ("pointer", "static LAST: std::sync::atomic::AtomicPtr<()> = std::sync::atomic::AtomicPtr::new(std::ptr::null_mut());", "app::LAST"),
    ];
    for (name, declared, subject) in statics {
        let uses = match name {
            "mutex" => "LAST.lock().unwrap().push(Box::new(row));",
            "local" => "LAST.with(|last| *last.borrow_mut() = Some(Box::new(row)));",
            _ => "LAST.store(Box::into_raw(Box::new(row)).cast(), std::sync::atomic::Ordering::SeqCst);",
        };
        let source = SOURCE.replace(
            "row.show() }",
            &format!("let size = row.show(); {uses} size }}"),
        );
        let source = format!("{source}\n{declared}");
        let answer = Program::new(&format!("old-values-{name}"), &source).diff(&grown(&source));
        assert_eq!(codes(&answer), ["type-layout"], "{name}: {answer}");
        let text = message(&answer, "type-layout");
        assert!(
            text.contains(&format!("The static `{subject}")),
            "{name}: {text}"
        );
    }
}

/// Where a value that is behind a bare pointer is kept.
const BARE: &str = "
struct Slot(std::sync::atomic::AtomicPtr<()>);
static SLOT: Slot = Slot(std::sync::atomic::AtomicPtr::new(std::ptr::null_mut()));
struct Kept { rows: Vec<*mut ()> }
#[inline(never)] fn erased() -> *mut () { Box::into_raw(Box::new(Row::new(1))).cast() }
#[inline(never)] fn in_static() { let row = Row::new(1); SLOT.0.store(Box::into_raw(Box::new(row)).cast(), std::sync::atomic::Ordering::SeqCst) }
#[inline(never)] fn in_list(kept: &mut Kept) { let row = Row::new(1); kept.rows.push(Box::into_raw(Box::new(row)).cast()) }
";

#[test]
fn values_behind_bare_pointers_are_taken_to_be_alive() {
    for (name, call, words) in [
        (
            "given",
            "erased();",
            "`app::erased` has to do with pointers",
        ),
        (
            "static",
            "in_static();",
            "The static `app::SLOT` keeps a pointer",
        ),
        (
            "list",
            "in_list(&mut Kept { rows: vec![] });",
            "`app::in_list` has to do with pointers",
        ),
    ] {
        let source = SOURCE.replace("fn main() {", &format!("fn main() {{ {call}"));
        let source = format!("{source}{BARE}");
        let answer =
            Program::new(&format!("old-values-bare-{name}"), &source).diff(&grown(&source));
        assert_eq!(codes(&answer), ["type-layout"], "{name}: {answer}");
        let text = message(&answer, "type-layout");
        assert!(text.contains(words), "{name}: {text}");
    }
}

#[test]
fn constants_of_the_type_are_code() {
    let source = SOURCE
        .replace("pub name: String,", "pub name: &'static str,")
        .replace("String::new()", "\"\"")
        .replace(
            "Row::new(3); row.show()",
            "Row::new(3); row.show() + ROWS[row.count as usize % 2].show()",
        );
    let source = format!("{source}\nstatic ROWS: [Row; 2] = [Row {{ name: \"a\", count: 1 }}, Row {{ name: \"b\", count: 2 }}];");
    let next = grown(&source)
        .replace("count: 1 }", "count: 1, more: [1; 4] }")
        .replace("count: 2 }", "count: 2, more: [2; 4] }");
    let mut program = Program::new("old-values-constant", &source);
    let code = asked_of(&mut program, &next, "code");
    assert!(code.contains(&"app::work".to_owned()), "{code:?}");
}

#[test]
fn functions_of_the_user_that_take_a_bare_pointer_may_be_given_one_to_an_old_value() {
    let source = SOURCE.replace(
        "fn main() {",
        "#[inline(never)] fn call(data: *mut ()) -> usize { unsafe { (*data.cast::<Row>()).show() } }
         static CALL: std::sync::Mutex<(usize, fn(*mut ()) -> usize)> = std::sync::Mutex::new((0, call));
         fn main() { let last = CALL.lock().unwrap(); if last.0 != 0 { (last.1)(last.0 as *mut ()); } drop(last);",
    );
    let answer = Program::new("old-values-erased", &source).diff(&grown(&source));
    assert_eq!(codes(&answer), ["type-layout"], "{answer}");
    let text = message(&answer, "type-layout");
    assert!(
        text.contains("`app::call` has to do with pointers"),
        "{text}"
    );
}

#[test]
fn values_that_come_to_need_a_destructor_are_like_others_of_which_none_is_alive() {
    let source = SOURCE
        .replace("name: String,", "name: u64,")
        .replace("String::new()", "5")
        .replace("self.name.len()", "self.name as usize");
    let next = source
        .replace("count: u8 }", "count: u8, text: String }")
        .replace("count } }", "count, text: String::new() } }");
    let answer = Program::new("old-values-destructor", &source).diff(&next);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
}

/// An edit without a changed layout, with text and an object in it.
fn with_text(source: &str) -> String {
    source.replace(
        "fn object() -> Box<dyn Display> {",
        "fn object() -> Box<dyn Display> { if std::env::args().count() > 7 { return Box::new(Other) }",
    ) + "struct Other; impl Display for Other { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(\"text of a patch\") } }"
}

/// Ranges of what must be absent with this name, by kind.
fn ranges(outcome: &Outcome, name: &str, kind: &str) -> Vec<(i64, i64)> {
    let plan = outcome.plan();
    let all = plan["absent"].as_array().cloned().unwrap_or_default();
    let wanted = all
        .iter()
        .filter(|one| one["name"] == name && one["kind"] == kind);
    let place = |one: &Value, end: &str| one[end].as_i64().expect("an address");
    wanted
        .map(|one| (place(one, "start"), place(one, "end")))
        .collect()
}

#[test]
fn of_earlier_patches_code_and_tables_count_and_text_does_not() {
    let mut steps = Steps::new("old-values-earlier", SOURCE);
    let first = steps.save(&with_text(SOURCE));
    assert_eq!(first.plan()["absent"], Value::Null);
    let text = first
        .image
        .windows(15)
        .position(|bytes| bytes == b"text of a patch");
    let text = text.expect("the text") as i64 - (512 << 20);
    let second = steps.save(&grown(&with_text(SOURCE)));
    let code = ranges(&second, "patch 1", "code");
    let tables = ranges(&second, "patch 1", "table");
    assert!(
        !code.is_empty() && !tables.is_empty(),
        "{code:?} {tables:?}"
    );
    let holds = |(start, end): &(i64, i64)| (*start..*end).contains(&text);
    assert!(!code.iter().chain(&tables).any(holds), "{text} {tables:?}");
}

#[test]
fn what_was_patched_around_a_changed_layout_goes_with_it() {
    let mut steps = Steps::new("old-values-undo", SOURCE);
    steps.save(&with_text(SOURCE));
    steps.save(&grown(&with_text(SOURCE)));
    let edited = grown(&with_text(SOURCE)).replace("text of a patch", "another text");
    steps.save(&edited);
    let first = steps.undo(1);
    assert_eq!(
        first.patches(),
        [3, 2, 1],
        "what follows is of the new layout"
    );
    assert!(
        !ranges(&first, "patch 3", "code").is_empty(),
        "it has values of the new one"
    );
    assert!(
        !ranges(&first, "app::Row::new", "code").is_empty(),
        "{}",
        first.plan()
    );
}
