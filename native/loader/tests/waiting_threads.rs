//! Patches while threads wait in the kernel.
mod support;

use support::program::Program;
use support::session::Session;

#[test]
fn no_system_call_is_cut_short_by_a_patch() {
    let program = Program::c("blocked");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    for value in 1..=50 {
        let source = format!("int new_value(void) {{ return {value}; }}");
        session.apply(&mut process, &source, &["value"]);
        assert_eq!(session.ask("?"), format!("{value} 0"));
    }
    assert_eq!(session.finish(), "early 0 ended 8\n");
}
