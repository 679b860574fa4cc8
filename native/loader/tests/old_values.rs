//! Patches that change layouts: applied when no value of the old layout can be alive, and not before.
mod support;

use nx_hotpatch_loader::protocol::messages::{FromSession, Go, Reason};
use serde_json::{json, Value};
use support::image::Image;
use support::program::Program;
use support::session::{Connection, Session};

const NEW_VALUE: &str = "int new_value(void) { return 1; }";

/// An entry of the list for a function of the program.
fn code(program: &Program, function: &str) -> Value {
    json!({"name": function, "kind": "code", "start": program.address(function), "end": program.end(function)})
}

fn image(
    session: &mut Session<'_>,
    process: &Connection,
    source: &str,
    functions: &[&str],
    absent: Vec<Value>,
) -> (u32, Image) {
    let mut patch = session.patch(&process.hello, source, functions);
    patch.absent = absent;
    let image = patch.build();
    session.note(&patch, &image);
    (patch.id, image)
}

/// The one reason of a refusal for old values.
fn old_values(reasons: Vec<Reason>) -> Reason {
    let [reason] = <[Reason; 1]>::try_from(reasons).unwrap();
    assert_eq!(reason.code, "old-values", "{reason:?}");
    reason
}

/// What a patch is refused for that wants `parse` gone, from `take` on; after `e` and `f` it is applied.
fn refused_for(take: &str) -> Reason {
    let program = Program::c("layouts");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let absent = vec![code(&program, "parse")];
    let (id, image) = image(&mut session, &process, NEW_VALUE, &["value"], absent);
    session.ask(take);
    let reason = old_values(process.apply(id, &image.bytes).unwrap_err());
    assert_eq!(reason.subject, "parse");
    assert_eq!(session.ask("?"), "0", "the old code runs");
    let is_a_thread = !["h", "s"].contains(&take);
    session.ask(if is_a_thread { "e" } else { "f" });
    process
        .apply(id, &image.bytes)
        .unwrap_or_else(|reasons| panic!("{reasons:?}"));
    assert_eq!(session.ask("?"), "1");
    assert!(session.finish().starts_with("interrupted 0 "));
    reason
}

fn starts_and_ends(reason: &Reason, start: &str, end: &str) {
    let message = &reason.message;
    assert!(
        message.starts_with(start) && message.ends_with(end),
        "{message}"
    );
}

#[test]
fn it_is_applied_when_nothing_leads_there_and_nobody_sees_an_interruption() {
    let program = Program::c("layouts");
    let mut session = Session::start_with(&program, &["busy"]);
    let mut process = session.meet();
    for value in 1..=20 {
        let source = format!("int new_value(void) {{ return {value}; }}");
        let absent = vec![code(&program, "parse"), code(&program, "other")];
        let (id, image) = image(&mut session, &process, &source, &["value"], absent);
        process
            .apply(id, &image.bytes)
            .unwrap_or_else(|reasons| panic!("{value}: {reasons:?}"));
        assert_eq!(session.ask("?"), value.to_string());
    }
    let said = session.finish();
    assert_eq!(said, "interrupted 0 ended 0\n");
}

#[test]
fn threads_that_come_and_go_and_allocate_are_held_like_others() {
    let program = Program::c("churn");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    for turn in 0..10 {
        let source = "long new_value(void) { return 101; }";
        let absent = vec![code(&program, "unused")];
        let (id, image) = image(&mut session, &process, source, &["value"], absent);
        process
            .apply(id, &image.bytes)
            .unwrap_or_else(|reasons| panic!("{turn}: {reasons:?}"));
        while session.ask("?") != "1" {}
    }
    assert_eq!(session.finish(), "wrong 0\n");
}

#[test]
fn a_thread_that_waits_in_a_function_keeps_it_off() {
    let reason = refused_for("w");
    let end = "), and may hold values of the old layout.";
    starts_and_ends(&reason, "`parse` is running in worker (", end);
    let remedy = "Save again when it has ended, or restart the program.";
    assert_eq!(reason.remedy, remedy);
}

#[test]
fn a_thread_that_runs_in_what_a_function_has_called_keeps_it_off() {
    let reason = refused_for("r");
    let end = "), and may hold values of the old layout.";
    starts_and_ends(&reason, "`parse` is running in worker (", end);
}

#[test]
fn a_pointer_in_the_heap_or_in_a_static_keeps_it_off() {
    for take in ["h", "s"] {
        let reason = refused_for(take);
        let start = "A pointer to `parse` is in the program's memory at 0x";
        starts_and_ends(
            &reason,
            start,
            ", so values of the old layout may be alive.",
        );
    }
}

#[test]
fn a_pointer_in_data_that_nobody_has_touched_keeps_it_off() {
    for flags in [&["-DIN_DATA"][..], &["-DIN_DATA", "-no-pie", "-fno-pie"]] {
        let program = Program::c_with("layouts", flags);
        let mut session = Session::start(&program);
        let mut process = session.meet();
        let absent = vec![code(&program, "parse")];
        let (id, image) = image(&mut session, &process, NEW_VALUE, &["value"], absent);
        let reason = old_values(process.apply(id, &image.bytes).unwrap_err());
        let start = "A pointer to `parse` is in the program's memory at 0x";
        starts_and_ends(
            &reason,
            start,
            ", so values of the old layout may be alive.",
        );
        session.finish();
    }
}

#[test]
fn a_pointer_in_nothing_but_a_register_keeps_it_off() {
    for take in ["p", "v", "a"] {
        let reason = refused_for(take);
        let start = "A pointer to `parse` is held by worker (";
        starts_and_ends(
            &reason,
            start,
            "), so values of the old layout may be alive.",
        );
    }
}

#[test]
fn a_function_that_waits_for_what_never_returns_keeps_it_off() {
    let program = Program::c("layouts");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let absent = vec![code(&program, "endless")];
    let (id, image) = image(&mut session, &process, NEW_VALUE, &["value"], absent);
    session.ask("n");
    let reason = old_values(process.apply(id, &image.bytes).unwrap_err());
    assert_eq!(reason.subject, "endless");
    assert_eq!(session.ask("?"), "0");
}

#[test]
fn a_thread_that_cannot_be_held_keeps_it_off() {
    let program = Program::c("layouts");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let absent = vec![code(&program, "parse")];
    let (id, image) = image(&mut session, &process, NEW_VALUE, &["value"], absent);
    session.ask("b");
    let reasons = process.apply(id, &image.bytes).unwrap_err();
    assert_eq!(reasons[0].code, "thread-blocks-signals");
    session.ask("e");
    process.apply(id, &image.bytes).unwrap();
    session.finish();
}

#[test]
fn what_was_left_below_a_stack_pointer_does_not() {
    let program = Program::c("layouts");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let absent = vec![code(&program, "parse")];
    let (id, image) = image(&mut session, &process, NEW_VALUE, &["value"], absent);
    session.ask("g");
    process
        .apply(id, &image.bytes)
        .unwrap_or_else(|reasons| panic!("{reasons:?}"));
    assert_eq!(session.ask("?"), "1");
    session.ask("e");
    session.finish();
}

#[test]
fn an_object_keeps_its_table_until_it_is_gone() {
    let program = Program::rust("objects");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let table = !session.ask("table").parse::<u64>().unwrap();
    let start = table - process.hello.load_bias.0;
    // Three words about the type and the address of its function.
    let absent = json!({"name": "<app::Row as app::Show>", "kind": "table", "start": start, "end": start + 32});
    let (id, image) = image(&mut session, &process, NEW_VALUE, &["value"], vec![absent]);
    assert_eq!(session.ask("make"), "7");
    let reason = old_values(process.apply(id, &image.bytes).unwrap_err());
    assert_eq!(reason.subject, "<app::Row as app::Show>");
    let start =
        "A pointer that leads to `<app::Row as app::Show>` is in the program's memory at 0x";
    starts_and_ends(
        &reason,
        start,
        ", so values of the old layout may be alive.",
    );
    assert_eq!(session.ask("?"), "0");
    session.ask("drop");
    process
        .apply(id, &image.bytes)
        .unwrap_or_else(|reasons| panic!("{reasons:?}"));
    assert_eq!(session.ask("?"), "1");
    session.finish();
}

#[test]
fn it_is_not_undone_while_a_thread_is_in_the_new_code() {
    let program = Program::c("layouts");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let source = "int new_value(void) { return 1; }
        int new_other(int runs) { return ((int (*)(int))HOST($stay))(runs) + 3; }";
    let absent = vec![code(&program, "parse")];
    let (id, image) = image(&mut session, &process, source, &["value", "other"], absent);
    process
        .apply(id, &image.bytes)
        .unwrap_or_else(|reasons| panic!("{reasons:?}"));
    session.ask("o");
    let reason = old_values(process.undo(id).unwrap_err());
    assert_eq!(reason.subject, "patch 1");
    let end = "), and may hold values of the new layout.";
    starts_and_ends(&reason, "patch 1 is running in worker (", end);
    assert_eq!(session.ask("?"), "1", "the new code runs");
    session.ask("e");
    process
        .undo(id)
        .unwrap_or_else(|reasons| panic!("{reasons:?}"));
    assert_eq!(session.ask("?"), "0");
    session.finish();
}

#[test]
fn what_an_earlier_patch_was_linked_with_does_not_count_but_its_data_does() {
    let program = Program::c("layouts");
    for (table, applies) in [("void *const", true), ("void *volatile", false)] {
        let mut session = Session::start(&program);
        let mut process = session.meet();
        let source = format!(
            "static int counter = 1;
             static {table} table[2] __attribute__((used)) = {{0, HOST($parse)}};
             int new_value(void) {{ return counter++; }}"
        );
        session.apply(&mut process, &source, &["value"]);
        assert_eq!(session.ask("?"), "1");
        let absent = vec![code(&program, "parse")];
        let (id, image) = image(&mut session, &process, &source, &["value"], absent);
        let answer = process.apply(id, &image.bytes);
        assert_eq!(answer.is_ok(), applies, "{table}: {answer:?}");
        session.finish();
    }
}

#[test]
fn a_held_program_gets_it() {
    let program = Program::c("first_words");
    let mut session = Session::start_held(&program);
    let mut process = session.meet();
    let absent = vec![code(&program, "value"), code(&program, "main")];
    let source = "int new_value(void) { return 4; }";
    let (id, image) = image(&mut session, &process, source, &["value"], absent);
    process
        .apply(id, &image.bytes)
        .unwrap_or_else(|reasons| panic!("{reasons:?}"));
    process.send(&FromSession::Go(Go {}));
    assert_eq!(session.read_line(), "constructor 4");
    assert_eq!(session.read_line(), "main 4");
    session.finish();
}

#[test]
fn a_broken_list_is_refused_and_nothing_else() {
    let program = Program::c("layouts");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let range =
        |start: i64, end: i64| json!({"name": "x", "kind": "code", "start": start, "end": end});
    let lists = [
        range(16, 16),
        range(16, 8),
        range(i64::MIN, i64::MIN + 1),
        range(i64::MIN, 16),
        range(16, i64::MIN),
        json!({"name": "x", "kind": "code", "start": 16, "end": u64::MAX}),
        json!({"name": "x", "kind": "data", "start": 16, "end": 32}),
        json!({"name": "x", "kind": "code", "start": 16}),
    ];
    let mut patch = session.patch(&process.hello, NEW_VALUE, &["value"]);
    for list in lists {
        patch.absent = vec![list.clone()];
        let reasons = process.apply(patch.id, &patch.build().bytes).unwrap_err();
        assert_eq!(reasons[0].code, "corrupt-patch", "{list}");
    }
    patch.absent = vec![range(i64::MAX - 1, i64::MAX)];
    process.apply(patch.id, &patch.build().bytes).unwrap();
    assert_eq!(session.ask("?"), "1");
    session.finish();
}
