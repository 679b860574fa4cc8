//! The last word of programs that die by a signal.
mod support;

use std::os::unix::process::ExitStatusExt;

use nx_hotpatch_loader::protocol::crash::Crash;
use nx_hotpatch_loader::protocol::messages::{FromLoader, FromSession, Go};
use support::program::Program;
use support::session::{Connection, Session};

const FAULTS: &str = "int new_value(void) { *(volatile int *)16 = 1; return 2; }";

fn crash(process: &mut Connection) -> (Crash, Vec<u8>) {
    match process.receive() {
        FromLoader::Crashed { crash, stack } => (crash, stack),
        other => panic!("in place of Crashed: {other:?}"),
    }
}

/// The program with a patch that faults, and its handlers installed: what comes after the answer to a patch waits for it.
fn start(program: &Program) -> (Session<'_>, Connection, u64) {
    let mut session = Session::start(program);
    let mut process = session.meet_with_parking();
    let applied = session.apply(&mut process, FAULTS, &["value"]);
    process.unload(&[]);
    (session, process, applied.functions[0].new.0)
}

#[test]
fn a_fault_in_a_patch_is_told_with_its_place_and_the_stack() {
    let program = Program::rust("crashing");
    let (mut session, mut process, function) = start(&program);
    session.tell("?");
    let (crash, stack) = crash(&mut process);
    assert_eq!((crash.signal, crash.code, crash.address.0), (11, 1, 16));
    assert_eq!((crash.pid, crash.tid), (session.pid() as i32, crash.pid));
    assert!((function..function + 64).contains(&crash.pc.0));
    assert_eq!(
        (crash.registers.rip, crash.registers.rsp),
        (crash.pc, crash.sp)
    );
    assert!(stack.len() > 512, "{}", stack.len());
    assert_eq!(session.wait().signal(), Some(11));
}

#[test]
fn a_thread_is_named() {
    let program = Program::rust("crashing");
    let (mut session, mut process, _) = start(&program);
    session.tell("thread");
    let (crash, _) = crash(&mut process);
    assert_eq!(crash.thread, "a ?worker?");
    assert_ne!(crash.tid, crash.pid);
    assert_eq!(session.wait().signal(), Some(11));
}

#[test]
fn an_abort_is_told_and_stays_one() {
    let program = Program::rust("crashing");
    let (mut session, mut process, _) = start(&program);
    session.tell("abort");
    assert_eq!(crash(&mut process).0.signal, 6);
    assert_eq!(session.wait().signal(), Some(6));
}

#[test]
fn a_stack_overflow_keeps_its_words_and_shows_the_stack_that_overflowed() {
    let program = Program::rust("crashing");
    let (mut session, mut process, _) = start(&program);
    session.tell("overflow");
    let (crash, stack) = crash(&mut process);
    assert_eq!(crash.signal, 6);
    assert!(crash.address.0.abs_diff(crash.sp.0) < 64 << 10, "{crash:?}");
    assert!(stack.len() > 32 << 10);
    assert_eq!(session.wait().signal(), Some(6));
    assert!(session.errors().contains("has overflowed its stack"));
}

#[test]
fn a_signal_from_elsewhere_is_told_as_such() {
    let program = Program::rust("crashing");
    let (mut session, mut process, _) = start(&program);
    // SAFETY: our own child.
    unsafe { libc::kill(session.pid() as i32, libc::SIGILL) };
    let (crash, _) = crash(&mut process);
    assert_eq!((crash.signal, crash.code, crash.address.0), (4, 0, 0));
    assert_eq!(session.wait().signal(), Some(4));
}

#[test]
fn a_program_that_recovers_is_not_reported() {
    let program = Program::c("recovering");
    let (mut session, mut process, _) = start(&program);
    assert_eq!(session.ask("?"), "-1 1");
    assert_eq!(session.ask("?"), "-1 2");
    let good = "int new_value(void) { return 3; }";
    session.apply(&mut process, good, &["value"]);
    assert_eq!(session.ask("?"), "3 2");
    session.finish();
}

#[test]
fn a_program_that_was_held_has_its_own_handlers_and_is_told_of() {
    let program = Program::rust("crashing");
    let mut session = Session::start_held(&program);
    let mut process = session.meet_with_parking();
    session.apply(&mut process, FAULTS, &["value"]);
    session.tell("overflow");
    process.send(&FromSession::Go(Go {}));
    assert_eq!(crash(&mut process).0.signal, 6);
    session.wait();
    assert!(session.errors().contains("has overflowed its stack"));
}

#[test]
fn nobody_is_told_of_when_the_session_is_gone() {
    let program = Program::rust("crashing");
    let (mut session, process, _) = start(&program);
    drop(process);
    session.tell("?");
    assert_eq!(session.wait().signal(), Some(11));
}

/// It finds its input there already.
#[test]
fn a_program_that_fails_at_once_when_it_is_let_go_is_told_of_with_its_place() {
    let program = Program::rust("crashing");
    for _ in 0..20 {
        let mut session = Session::start_held(&program);
        let mut process = session.meet_with_parking();
        let applied = session.apply(&mut process, FAULTS, &["value"]);
        session.tell("?");
        process.send(&FromSession::Go(Go {}));
        let function = applied.functions[0].new.0;
        let (crash, _) = crash(&mut process);
        assert_eq!((crash.signal, crash.address.0), (11, 16));
        assert!((function..function + 64).contains(&crash.pc.0));
        assert_eq!(session.wait().signal(), Some(11));
    }
}
