//! A Rust program under patches: unwinding, backtraces, thread-locals.
mod support;

use support::program::Program;
use support::session::Session;

#[test]
fn a_panic_unwinds_through_patched_code_into_catch_unwind() {
    let program = Program::rust("smoke");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(session.ask("?"), "0 1");
    let source = "int new_answer(void) { int (*raise)(void) = HOST($raise); return raise() + 1; }";
    session.apply(&mut process, source, &["answer"]);
    assert_eq!(session.ask("?"), "panic 2");
    assert_eq!(session.ask("?"), "panic 3");
    let source = "int new_answer(void) { return 5; }";
    session.apply(&mut process, source, &["answer"]);
    assert_eq!(session.ask("?"), "5 3");
    session.finish();
}

#[test]
fn a_backtrace_names_patched_functions_and_their_lines() {
    let program = Program::rust("smoke");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    for _ in 0..6 {
        let source =
            "int new_answer(void) { int (*trace)(void) = HOST($trace); return trace() + 10; }";
        session.apply(&mut process, source, &["answer"]);
        assert_eq!(session.ask("?"), "13 0");
    }
    let mut names: Vec<_> = std::fs::read_dir(&session.folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("patch-"))
        .collect();
    names.sort();
    let expected: Vec<_> = (0..6)
        .map(|slot| format!("patch-{}-{slot}.so", session.pid()))
        .collect();
    assert_eq!(names, expected);
}
