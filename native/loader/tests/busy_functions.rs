//! Functions that are replaced while threads are in them.
mod support;

use nx_hotpatch_loader::protocol::messages::Applied;
use support::program::Program;
use support::session::Session;

fn busy(applied: &Applied) -> Vec<(&str, usize)> {
    let count = |one: &nx_hotpatch_loader::protocol::messages::BusyFunction| one.threads.len();
    applied
        .busy
        .iter()
        .map(|one| (one.symbol.as_str(), count(one)))
        .collect()
}

const FUNCTIONS: [&str; 3] = ["value", "waits", "runs"];

const SOURCE: &str = "int new_value(void) { return 1; }
     int new_waits(void) { return ((int (*)(void))HOST($wait_here))() + 1; }
     int new_runs(void) {
         volatile int *stop = ((volatile int *(*)(void))HOST($stopping))();
         while (!*stop);
         return 0;
     }";

#[test]
fn a_function_that_waits_for_what_it_calls_is_named_with_its_thread() {
    let program = Program::c("reachable");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    session.ask("w");
    let applied = session.apply(&mut process, SOURCE, &FUNCTIONS);
    assert_eq!(busy(&applied), [("waits", 1)]);
    assert!(applied.busy[0].threads[0].starts_with("reachable ("));
    assert_eq!(applied.busy[0].old, applied.functions[1].old);
    session.ask("e");
    let applied = session.apply(&mut process, SOURCE, &FUNCTIONS);
    assert_eq!(busy(&applied), []);
    session.finish();
}

#[test]
fn a_function_that_runs_in_a_loop_is_named() {
    let program = Program::c("reachable");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    session.ask("r");
    let applied = session.apply(&mut process, SOURCE, &FUNCTIONS);
    assert_eq!(busy(&applied), [("runs", 1)]);
    session.ask("e");
    session.finish();
}
