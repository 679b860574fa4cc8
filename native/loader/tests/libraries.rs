//! Libraries that another program loads after its start.
mod support;

use std::path::Path;

use support::program::Program;
use support::session::Session;

#[test]
fn a_library_is_served_from_the_moment_it_is_loaded() {
    let (host, library) = (Program::plain("host"), Program::library("library"));
    let mut session = Session::start_host(&host, &library, Path::new("/none"));
    assert_eq!(session.ask("1"), "loaded");
    let mut process = session.meet();
    let hello = process.hello.clone();
    assert_eq!(hello.build_id, library.build_id);
    assert_eq!(Path::new(&hello.image), library.path);
    assert_eq!(hello.libraries.first().map(Path::new), Some(&*host.path));
    assert!(!hello.libraries.contains(&hello.image));
    let block = hello.tls.image.expect("a place of its thread-locals");
    assert!(block < 0, "below the thread pointer: {block}");
    assert_eq!(session.ask("?"), "101001");
    let seen = (block + library.address("seen") as i64) as i32;
    // What the engine makes of an access to an existing thread-local.
    let patch = format!(
        "int new_value(void) {{ int seen; __asm__(\"movl %%fs:({seen}), %0\" : \"=r\"(seen)); return seen; }}"
    );
    session.apply(&mut process, &patch, &["value"]);
    assert_eq!(session.ask("?"), "102102");
    assert_eq!(session.ask("thread"), "101101");
}

#[test]
fn two_copies_of_a_library_are_not_patched() {
    let (host, library) = (Program::plain("host"), Program::library("library"));
    let copy = library.path.with_extension("copy");
    std::fs::copy(&library.path, &copy).unwrap();
    let mut session = Session::start_host(&host, &library, &copy);
    assert_eq!(session.ask("1"), "loaded");
    let mut process = session.meet();
    assert_eq!(session.ask("2"), "loaded");
    let source = "int new_value(void) { return 7; }";
    let patch = session.patch(&process.hello, source, &["value"]);
    let refused = process.apply(patch.id, &patch.build().bytes).unwrap_err();
    assert_eq!(refused[0].code, "library-loaded-twice");
    assert_eq!(session.ask("?"), "101001");
}
