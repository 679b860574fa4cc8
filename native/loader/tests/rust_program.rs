//! A Rust program under patches: unwinding, backtraces, thread-locals.
mod support;

use support::program::Program;
use support::session::Session;

const TRACES: &str =
    "int new_answer(void) { int (*trace)(void) = HOST($trace); return trace() + 10; }";
const REMEMBERS: &str =
    "int new_answer(void) { int (*remember)(void) = HOST($remember); return remember() + 10; }";
const PLAIN: &str = "int new_answer(void) { return 5; }";
const RAISES: &str =
    "int new_answer(void) { int (*raise)(void) = HOST($raise); return raise() + 1; }";

#[test]
fn a_panic_unwinds_through_patched_code_into_catch_unwind() {
    let program = Program::rust("smoke");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(session.ask("?"), "0 1");
    session.apply(&mut process, RAISES, &["answer"]);
    assert_eq!(session.ask("?"), "panic 2");
    assert_eq!(session.ask("?"), "panic 3");
    session.apply(&mut process, PLAIN, &["answer"]);
    assert_eq!(session.ask("?"), "5 3");
    session.finish();
}

#[test]
fn a_backtrace_names_patched_functions_and_their_lines() {
    let program = Program::rust("smoke");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    for _ in 0..6 {
        session.apply(&mut process, TRACES, &["answer"]);
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
/// std lists the modules at the first backtrace, and keeps where each begins: that holds no patch.
#[test]
fn a_program_that_has_shown_a_backtrace_gives_patches_back_and_shows_more() {
    let program = Program::rust("smoke");
    let mut session = Session::start(&program);
    let mut process = session.meet_with_parking();
    session.apply(&mut process, PLAIN, &["answer"]);
    assert_eq!(session.ask("?"), "5 0");
    session.apply(&mut process, TRACES, &["answer"]);
    assert_eq!(process.unload(&[1]), (vec![1], vec![]));
    assert_eq!(session.ask("?"), "13 0");
    session.apply(&mut process, PLAIN, &["answer"]);
    session.apply(&mut process, RAISES, &["answer"]);
    assert_eq!(process.unload(&[3]), (vec![3], vec![]));
    assert_eq!(session.ask("?"), "panic 1");
    session.finish();
}

#[test]
fn a_backtrace_that_was_not_shown_yet_keeps_its_patch_and_names_it() {
    let program = Program::rust("smoke");
    let mut session = Session::start(&program);
    let mut process = session.meet_with_parking();
    session.apply(&mut process, REMEMBERS, &["answer"]);
    assert_eq!(session.ask("?"), "10 0");
    session.apply(&mut process, PLAIN, &["answer"]);
    let (unloaded, kept) = process.unload(&[1]);
    assert_eq!((unloaded, kept.len()), (vec![], 1));
    assert!(kept[0].1.ends_with("([heap])"), "{}", kept[0].1);
    assert_eq!(session.ask("show"), "Some(3)");
    session.finish();
}
