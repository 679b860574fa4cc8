//! Who is served, and who is not.
mod support;

use nx_hotpatch_loader::protocol::messages::{FromLoader, FromSession, Welcome};
use nx_hotpatch_loader::protocol::{LOADER, PROTOCOL};
use support::program::Program;
use support::session::{Session, TOKEN};

#[test]
fn the_loader_says_who_it_is_and_where_its_window_lies() {
    let program = Program::c("handshake");
    let session = Session::start(&program);
    let hello = session.accept().hello;
    assert_eq!((hello.protocol, hello.loader.as_str()), (PROTOCOL, LOADER));
    assert_eq!((hello.token.as_str(), hello.pid), (TOKEN, session.pid()));
    assert_eq!(hello.build_id, program.build_id);
    assert_eq!(hello.ppid, std::process::id());
    assert_eq!(
        (hello.window.offset, hello.window.size),
        (-536_870_912, 268_435_456)
    );
    assert!(hello.tls.tp_offset < 0 && hello.tls.tp_offset % 64 == 0);
    assert!(
        hello.libraries.iter().any(|path| path.contains("libc.so")),
        "{:?}",
        hello.libraries
    );
    assert!(hello.patches.is_empty());
    assert_eq!(std::path::Path::new(&hello.image), program.path);
}

#[test]
fn a_program_at_a_fixed_address_has_its_window_above_and_takes_patches() {
    let program = Program::c_with("handshake", &["-no-pie", "-fno-pie"]);
    let mut session = Session::start(&program);
    let mut process = session.meet();
    assert_eq!(process.hello.load_bias.0, 0);
    assert!(process.hello.window.offset > 1 << 29);
    session.apply(
        &mut process,
        "int new_value(void) { return 7; }",
        &["value"],
    );
    assert_eq!(session.ask("?"), "7");
}

fn refused_for(change: impl FnOnce(&mut Welcome)) -> String {
    let program = Program::c("handshake");
    let mut session = Session::start(&program);
    let mut connection = session.accept();
    let mut welcome = session.welcome();
    change(&mut welcome);
    connection.send(&FromSession::Welcome(welcome));
    let FromLoader::Refused(refused) = connection.receive() else {
        panic!("it was accepted")
    };
    assert_eq!(refused.patch, None);
    assert!(connection.is_closed());
    assert_eq!(session.ask("?"), "0", "the program runs on");
    refused.reasons[0].code.clone()
}

#[test]
fn a_session_without_the_token_is_refused() {
    assert_eq!(
        refused_for(|welcome| welcome.token = TOKEN.replace('0', "1")),
        "stranger"
    );
}

#[test]
fn a_session_for_another_image_is_refused() {
    assert_eq!(
        refused_for(|welcome| welcome.build_id = "00".into()),
        "foreign-image"
    );
}

#[test]
fn a_session_of_another_protocol_is_refused() {
    assert_eq!(refused_for(|welcome| welcome.protocol += 1), "version");
}

/// Of another version's Welcome nothing but `protocol` is known.
#[test]
fn a_session_whose_welcome_has_another_form_is_told_both_protocols() {
    use std::io::Write;
    let program = Program::c("handshake");
    let mut session = Session::start(&program);
    let mut connection = session.accept();
    let payload = br#"{"protocol":3,"proof":[1,2]}"#;
    let mut frame = (payload.len() as u32 + 1).to_le_bytes().to_vec();
    frame.push(2);
    frame.extend_from_slice(payload);
    connection.stream.write_all(&frame).unwrap();
    let FromLoader::Refused(refused) = connection.receive() else {
        panic!("it was accepted")
    };
    let [reason] = refused.reasons.as_slice() else {
        panic!("{:?}", refused.reasons)
    };
    assert_eq!(reason.code, "version");
    assert!(
        reason.message.contains("protocol 3") && reason.message.contains("protocol 2"),
        "{}",
        reason.message
    );
    assert!(connection.is_closed());
    assert_eq!(session.ask("?"), "0", "the program runs on");
}

#[test]
fn a_session_that_sends_an_unknown_frame_is_left() {
    use std::io::Write;
    let program = Program::c("handshake");
    let mut session = Session::start(&program);
    let mut connection = session.meet();
    connection
        .stream
        .write_all(&[3, 0, 0, 0, 9, b'{', b'}'])
        .unwrap();
    assert!(connection.is_closed());
    assert_eq!(session.ask("?"), "0");
}

#[test]
fn a_program_whose_session_ends_runs_on() {
    let program = Program::c("handshake");
    let mut session = Session::start(&program);
    drop(session.meet());
    assert_eq!(session.ask("?"), "0");
    session.finish();
}

#[test]
fn without_the_variable_there_is_no_thread_and_no_window() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};
    let program = Program::c("handshake");
    let mut child = Command::new(&program.path)
        .env_remove("NX_HOTPATCH_SOCKET")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "?").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "0\n");
    let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id()))
        .unwrap()
        .count();
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(tasks, 1);
    let reserved = maps
        .lines()
        .filter(|line| line.contains("---p") && line.ends_with(" 0 "));
    assert!(reserved.count() == 0, "{maps}");
}
