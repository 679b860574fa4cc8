//! Data of patches: new thread-locals, constants brought up to date, imports.
mod support;

use serde_json::json;
use support::program::Program;
use support::session::Session;

#[test]
fn a_new_thread_local_starts_with_its_value_in_threads_of_before_and_after() {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(session.ask("?"), "main 0 old 0 young 0 table 6");
    let source = "static __thread long counter = 100; static __thread long zero;
        long new_value(void) { zero++; return ++counter + zero - zero; }";
    let mut patch = session.patch(&process.hello, source, &["value"]);
    patch.tls_offset = Some(64);
    let image = patch.build();
    process.apply(patch.id, &image.bytes).unwrap();
    session.note(&patch, &image);
    // The order of the calls: the young thread, then main and the old thread, each with its own.
    assert_eq!(session.ask("?"), "main 101 old 101 young 101 table 6");
    assert_eq!(session.ask("?"), "main 102 old 102 young 101 table 6");

    let source = "static __thread long other = 7; long new_value(void) { return other++; }";
    let mut patch = session.patch(&process.hello, source, &["value"]);
    patch.tls_offset = Some(128);
    let image = patch.build();
    process.apply(patch.id, &image.bytes).unwrap();
    assert_eq!(session.ask("?"), "main 7 old 7 young 7 table 6");
    assert_eq!(session.ask("?"), "main 8 old 8 young 7 table 6");
}

#[test]
fn a_new_thread_local_starts_with_its_value_in_threads_that_are_just_being_created() {
    let program = Program::c("churn");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    for turn in 0..20 {
        let source =
            "static __thread long counter = 100; long new_value(void) { return ++counter; }";
        let mut patch = session.patch(&process.hello, source, &["value"]);
        patch.tls_offset = Some(turn * 8);
        let image = patch.build();
        process.apply(patch.id, &image.bytes).unwrap();
        session.note(&patch, &image);
    }
    while session.ask("?") != "1" {}
    assert_eq!(session.finish(), "wrong 0\n");
}

#[test]
fn thread_locals_beyond_the_pool_are_refused() {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let source = "static __thread long counter = 1; long new_value(void) { return ++counter; }";
    let mut patch = session.patch(&process.hello, source, &["value"]);
    patch.tls_offset = Some(process.hello.tls.size);
    let reasons = process.apply(patch.id, &patch.build().bytes).unwrap_err();
    assert_eq!(reasons[0].code, "thread-locals");
    assert_eq!(session.ask("?"), "main 0 old 0 young 0 table 6");
}

#[test]
fn a_constant_is_brought_up_to_date_in_place() {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let at = program.address("table") + 8;
    let word = |value: u64| {
        value
            .to_le_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let mut patch = session.patch(&process.hello, "int none;", &[]);
    patch.writes = vec![json!({"symbol": "table", "at": at, "old": word(6), "new": word(60)})];
    process.apply(patch.id, &patch.build().bytes).unwrap();
    assert_eq!(session.ask("?"), "main 0 old 0 young 0 table 60");
    process.undo(patch.id).unwrap();
    assert_eq!(session.ask("?"), "main 0 old 0 young 0 table 6");

    let mut patch = session.patch(&process.hello, "int none;", &[]);
    patch.writes = vec![json!({"symbol": "table", "at": at, "old": word(7), "new": word(8)})];
    assert_eq!(
        process.apply(patch.id, &patch.build().bytes).unwrap_err()[0].code,
        "foreign-image"
    );
    assert_eq!(session.ask("?"), "main 0 old 0 young 0 table 6");
    // Its pages are read-only again.
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", session.pid())).unwrap();
    let writable_code = maps.lines().filter(|line| line.contains("rwx"));
    assert_eq!(writable_code.count(), 0, "{maps}");
}

#[test]
fn imports_come_from_the_programs_libraries_and_a_missing_one_is_named() {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let source = "long labs(long); extern long missing(void) __attribute__((weak));
        long new_value(void) { return labs(-4) + (missing ? 1 : 0); }
        long (*table[])(long) = {labs};";
    session.apply(&mut process, source, &["value"]);
    assert_eq!(session.ask("?"), "main 4 old 4 young 4 table 6");
    let source = "long nowhere_at_all(void); long new_value(void) { return nowhere_at_all(); }";
    let patch = session.patch(&process.hello, source, &["value"]);
    let reasons = process.apply(patch.id, &patch.build().bytes).unwrap_err();
    assert_eq!(
        (reasons[0].code.as_str(), reasons[0].subject.as_str()),
        ("unresolved-symbol", "nowhere_at_all")
    );
    assert_eq!(session.ask("?"), "main 4 old 4 young 4 table 6");
}
