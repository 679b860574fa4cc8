//! Programs that are held before `main`.
mod support;

use nx_hotpatch_loader::protocol::messages::{FromSession, Go};
use support::program::Program;
use support::session::Session;

#[test]
fn a_held_program_says_its_first_word_with_its_patches() {
    let program = Program::c("first_words");
    let mut session = Session::start_held(&program);
    let mut process = session.meet();
    assert!(process.hello.held);
    // With an import: names are looked up while the dynamic linker has not finished.
    let source = "int getpagesize(void); int new_value(void) { return getpagesize() + 1; }";
    session.apply(&mut process, source, &["value"]);
    let again = "int getpagesize(void); int new_value(void) { return getpagesize() + 2; }";
    session.apply(&mut process, again, &["value"]);
    process.send(&FromSession::Go(Go {}));
    assert_eq!(session.read_line(), "constructor 4098");
    assert_eq!(session.read_line(), "main 4098");
    session.apply(
        &mut process,
        "int new_value(void) { return 3; }",
        &["value"],
    );
    session.finish();
}

#[test]
fn a_held_program_whose_session_ends_runs() {
    let program = Program::c("first_words");
    let mut session = Session::start_held(&program);
    drop(session.meet());
    assert_eq!(session.read_line(), "constructor 0");
    session.finish();
}

#[test]
fn nobody_else_is_held() {
    let program = Program::c("first_words");
    let mut session = Session::start(&program);
    assert!(!session.accept().hello.held);
    assert_eq!(session.read_line(), "constructor 0");
    session.finish();
}
