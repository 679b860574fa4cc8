//! Patches under threads that run all the time.
mod support;

use support::program::Program;
use support::session::Session;

fn source(value: u32) -> String {
    format!(
        "int new_first(void) {{ __atomic_fetch_add((long *)HOST($calls), 1, 5); return {value}; }}
         int new_second(int at_least) {{ return at_least < 0 ? -1 : {value}; }}"
    )
}

/// Patches both functions fifty times under the threads; they check what they see themselves.
fn patch_fifty_times(arguments: &[&str]) {
    let program = Program::c("threads");
    let mut session = Session::start_with(&program, arguments);
    let mut process = session.meet();
    assert_eq!(session.ask("?"), "0 0 1");
    // Built before they are needed: the threads leave the compiler little time.
    session.tell("hold");
    let patches: Vec<_> = (1..=50)
        .map(|value| {
            let patch = session.patch(&process.hello, &source(value), &["first", "second"]);
            let image = patch.build();
            session.note(&patch, &image);
            (value, image)
        })
        .collect();
    session.tell("go");
    let mut longest: f64 = 0.0;
    for (value, image) in patches {
        let applied = process.apply(value, &image.bytes).unwrap();
        longest = longest.max(applied.pause_us);
        assert_eq!(applied.functions.len(), 2);
        assert_eq!(session.ask("?"), format!("{value} 0 1"));
    }
    println!("longest pause {longest:.0} us");
    assert_eq!(session.finish(), "wrong 0\n");
}

#[test]
fn eight_threads_never_see_an_old_function_beside_a_new_one_in_fifty_patches() {
    patch_fifty_times(&["8"]);
}

#[test]
fn sixty_four_threads_do_not_either() {
    patch_fifty_times(&["64"]);
}

#[test]
fn threads_in_signal_handlers_do_not_either() {
    patch_fifty_times(&["8", "with a profiler"]);
}

#[test]
fn an_undone_patch_leaves_the_bytes_of_before() {
    let program = Program::c("threads");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    session.apply(&mut process, &source(1), &["first"]);
    let second = session.patch(&process.hello, &source(2), &["first", "second"]);
    let image = second.build();
    process.apply(second.id, &image.bytes).unwrap();
    assert_eq!(process.undo(1).unwrap_err()[0].code, "undo-order");
    assert_eq!(session.ask("?").split(' ').next(), Some("2"));
    process.undo(2).unwrap();
    assert_eq!(session.ask("?").split(' ').next(), Some("1"));
    process.undo(1).unwrap();
    assert_eq!(session.ask("?").split(' ').next(), Some("0"));
    assert_eq!(process.undo(1).unwrap_err()[0].code, "undo-order");
}
