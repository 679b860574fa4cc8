//! A program that forks.
mod support;

use support::program::Program;
use support::session::Session;

fn source(value: u32) -> String {
    format!("int new_value(void) {{ return {value}; }}")
}

#[test]
fn a_forked_child_has_its_parents_patches_and_takes_its_own() {
    let program = Program::c("family");
    let mut session = Session::start(&program);
    let mut parent = session.meet();
    session.apply(&mut parent, &source(1), &["value"]);
    let pid = session.ask("f");
    let mut child = session.meet();
    assert_eq!(pid, format!("forked {}", child.hello.pid));
    assert_eq!(child.hello.ppid, parent.hello.pid);
    assert_eq!(child.hello.patches, [1]);
    assert_eq!(child.hello.window, parent.hello.window);
    assert_eq!(session.ask("c"), "child 1");

    let patch = session.patch(&parent.hello, &source(2), &["value"]);
    let image = patch.build();
    child.apply(patch.id, &image.bytes).unwrap();
    assert_eq!(session.ask("c"), "child 2");
    assert_eq!(session.ask("p"), "parent 1");
    parent.apply(patch.id, &image.bytes).unwrap();
    assert_eq!(session.ask("p"), "parent 2");
    session.finish();
}

#[test]
fn forks_and_patches_at_the_same_time_do_not_stop_each_other() {
    let program = Program::c("family");
    let mut session = Session::start(&program);
    let mut parent = session.meet();
    let images: Vec<_> = (1..=20)
        .map(|value| {
            let patch = session.patch(&parent.hello, &source(value), &["value"]);
            let image = patch.build();
            session.note(&patch, &image);
            (patch.id, image)
        })
        .collect();
    for (id, image) in images {
        session.tell("m");
        parent.apply(id, &image.bytes).unwrap();
        assert_eq!(session.read_line(), "many");
    }
    assert_eq!(session.ask("p"), "parent 20");
    session.finish();
}

#[test]
fn a_child_holds_no_descriptor_of_its_parents_loader() {
    let program = Program::c("family");
    let mut session = Session::start(&program);
    let _parent = session.meet();
    let pid: u32 = session.ask("f").split(' ').nth(1).unwrap().parse().unwrap();
    for process in [session.pid(), pid] {
        let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
        let sockets = open
            .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
            .filter(|target| target.to_string_lossy().starts_with("socket:"));
        assert_eq!(sockets.count(), 0, "process {process}");
    }
}
