//! Code that nothing can reach gives its memory back; code that something can reach does not.
mod support;

use support::program::Program;
use support::session::{Connection, Session};

const FUNCTIONS: [&str; 4] = ["value", "pointer", "waits", "runs"];

fn source(value: u32) -> String {
    format!(
        "typedef int (*function)(void);
         __attribute__((noinline)) static int held(void) {{ return {value} * 100; }}
         int new_value(void) {{ return {value}; }}
         function new_pointer(void) {{ return held; }}
         int new_waits(void) {{ return ((function)HOST($wait_here))() + 1; }}
         int new_runs(void) {{
             volatile int *stop = ((volatile int *(*)(void))HOST($stopping))();
             while (!*stop);
             return 0;
         }}"
    )
}

/// The program with patch 1, before patch 2.
fn start(program: &Program) -> (Session<'_>, Connection) {
    let mut session = Session::start(program);
    let mut process = session.meet_with_parking();
    session.apply(&mut process, &source(1), &FUNCTIONS);
    (session, process)
}

fn pages_of(session: &Session<'_>, process: &Connection, patch: u64) -> Vec<String> {
    let window = process.hello.load_bias.0 as i64 + process.hello.window.offset;
    let start = window as u64 + (patch - 1) * (128 << 10);
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", session.pid())).unwrap();
    let inside = |line: &&str| {
        let at = u64::from_str_radix(line.split('-').next().unwrap(), 16).unwrap();
        (start..start + (128 << 10)).contains(&at)
    };
    maps.lines().filter(inside).map(String::from).collect()
}

#[test]
fn a_replaced_patch_is_unloaded_and_the_program_goes_on() {
    let program = Program::c("reachable");
    let (mut session, mut process) = start(&program);
    assert_eq!(process.unload(&[1]).0, [0; 0], "its functions are current");
    session.apply(&mut process, &source(2), &FUNCTIONS);
    assert_eq!(session.ask("?"), "2");
    let before = pages_of(&session, &process, 1);
    assert_eq!(process.unload(&[1]), (vec![1], vec![]));
    let after = pages_of(&session, &process, 1);
    assert!(
        before.iter().all(|line| !line.contains("(deleted)")),
        "{before:?}"
    );
    let code = |line: &&String| line.contains("r-xp");
    assert!(
        after.iter().find(code).unwrap().contains("(deleted)"),
        "{after:?}"
    );
    assert_eq!(
        process.unload(&[1, 7]),
        (vec![1, 7], vec![]),
        "nothing is left of them"
    );
    assert_eq!(session.ask("?"), "2");
    session.apply(&mut process, &source(3), &FUNCTIONS);
    assert_eq!(session.ask("?"), "3");
    assert_eq!(process.unload(&[1, 2]), (vec![1, 2], vec![]));
    session.finish();
}

/// What keeps the replaced patch 1 from `take` on; after `release` nothing does.
fn kept_by(take: &str, release: &str) -> String {
    let program = Program::c("reachable");
    let (mut session, mut process) = start(&program);
    session.ask(take);
    session.apply(&mut process, &source(2), &FUNCTIONS);
    let (unloaded, kept) = process.unload(&[1]);
    assert_eq!(unloaded, [0; 0]);
    let [(1, by)] = kept.as_slice() else {
        panic!("patch 1 is kept once: {kept:?}")
    };
    session.ask(release);
    assert_eq!(process.unload(&[1]), (vec![1], vec![]));
    session.finish();
    by.clone()
}

#[test]
fn a_pointer_in_the_heap_keeps_a_patch_until_it_is_gone() {
    let by = kept_by("k", "f");
    assert!(by.starts_with("the program's memory at 0x"), "{by}");
    assert!(by.ends_with("([heap])"), "{by}");
}

#[test]
fn a_thread_that_waits_in_a_patch_keeps_it() {
    let by = kept_by("w", "e");
    assert!(by.starts_with("the stack of thread `"), "{by}");
}

#[test]
fn a_thread_that_runs_in_a_patch_keeps_it() {
    let by = kept_by("r", "e");
    assert!(by.starts_with("a register of thread `"), "{by}");
}

#[test]
fn a_patch_that_only_a_kept_one_reaches_is_kept_with_it() {
    let program = Program::c("reachable");
    let (mut session, mut process) = start(&program);
    // Not its beginning: that is where modules are listed.
    let first = process.hello.load_bias.0 as i64 + process.hello.window.offset + 64;
    // Patch 2 has data that points into patch 1 and is reached itself.
    let table = format!(
        "__attribute__((used)) static void *volatile table[4] = {{0, (void *){first:#x}L}};\n{}",
        source(2)
    );
    session.apply(&mut process, &table, &FUNCTIONS);
    session.ask("k");
    session.apply(&mut process, &source(3), &FUNCTIONS);
    let (unloaded, kept) = process.unload(&[1, 2]);
    assert_eq!(unloaded, [0; 0]);
    assert_eq!(kept[0], (1, "patch 2".into()));
    session.ask("f");
    assert_eq!(process.unload(&[1, 2]), (vec![1, 2], vec![]));
    session.finish();
}

#[test]
fn a_parked_function_that_is_reached_after_all_runs() {
    let program = Program::c("reachable");
    let (mut session, mut process) = start(&program);
    session.ask("d");
    session.apply(&mut process, &source(2), &FUNCTIONS);
    assert_eq!(process.unload(&[1]), (vec![1], vec![]));
    assert_eq!(session.ask("c"), "100");
    session.finish();
}

#[test]
fn without_a_folder_for_parking_everything_is_kept() {
    let program = Program::c("reachable");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    session.apply(&mut process, &source(1), &FUNCTIONS);
    session.apply(&mut process, &source(2), &FUNCTIONS);
    let kept = process.unload(&[1]).1;
    assert_eq!(kept, [(1, "there is no folder for parking".into())]);
    session.finish();
}
