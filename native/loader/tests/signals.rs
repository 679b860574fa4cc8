//! Programs that use the signal on which patches rely.
mod support;

use support::program::Program;
use support::session::Session;

fn source(value: u32) -> String {
    format!("int new_value(void) {{ return {value}; }}")
}

#[test]
fn a_program_keeps_its_own_handler_of_sigtrap() {
    let program = Program::c("traps");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(session.ask("t"), "0 1");
    session.apply(&mut process, &source(1), &["value"]);
    assert_eq!(session.ask("t"), "1 2");
    assert_eq!(session.ask("k"), "1 3");
    session.apply(&mut process, &source(2), &["value"]);
    assert_eq!(session.ask("t"), "2 4");
    session.finish();
}

#[test]
fn a_thread_that_blocks_sigtrap_is_named_and_nothing_happens() {
    let program = Program::c("traps");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(session.ask("b"), "blocking");
    let patch = session.patch(&process.hello, &source(1), &["value"]);
    let image = patch.build();
    let reasons = process.apply(patch.id, &image.bytes).unwrap_err();
    assert_eq!(reasons[0].code, "thread-blocks-signals");
    assert!(
        reasons[0].subject.starts_with("thread `traps` ("),
        "{}",
        reasons[0].subject
    );
    assert_eq!(session.ask("t"), "0 1");
    // Its room is free again.
    assert_eq!(
        process.apply(patch.id, &image.bytes).unwrap_err()[0].code,
        "thread-blocks-signals"
    );
}

#[test]
fn a_breakpoint_of_the_program_itself_still_ends_it() {
    use std::os::unix::process::ExitStatusExt;
    let program = Program::c("traps");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    session.apply(&mut process, &source(1), &["value"]);
    session.tell("d");
    assert_eq!(session.wait().signal(), Some(5));
}

#[test]
fn a_thread_that_blocks_all_signals_runs_the_new_code() {
    let program = Program::c("traps");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(session.ask("c"), "calling");
    for value in 1..=20 {
        session.apply(&mut process, &source(value), &["value"]);
        let mut last = session.ask("l");
        while last != value.to_string() {
            assert_eq!(last, (value - 1).to_string());
            last = session.ask("l");
        }
    }
}
