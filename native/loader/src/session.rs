//! The conversation with the session, on the loader's own thread. Whatever goes wrong ends the thread quietly: the
//! program runs on without hot patching.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use crate::arch::{self, POOL_SIZE};
use crate::os::{crash, peer};
use crate::patch;
use crate::process::{Process, STATE};
use crate::protocol::frame::{
    from_session, protocol_of_welcome, read_frame, read_message, write_message, LONGEST,
};
use crate::protocol::messages::{
    Address, FromLoader, FromSession, Go, Hello, Refused, TlsPool, Welcome, Window,
};
use crate::protocol::{LOADER, PROTOCOL};
use crate::refusal::{self, Refusal};
use crate::unload::{self, Parking};
use crate::{crashes, hold};

/// Longest frame before the session has shown the token.
const LONGEST_WELCOME: u32 = 64 << 10;

type Ended = Result<(), Box<dyn Error>>;

/// Connects, meets the session and serves it until either end closes.
pub fn run(process: &Process) -> Ended {
    let mut stream = UnixStream::connect(&process.socket)?;
    if !peer::is_same_user(&stream)? {
        return Ok(());
    }
    let token = fs::read_to_string(process.folder().join("token"))?
        .trim()
        .to_owned();
    if process.host.is_library && process.host.thread_block.is_none() {
        return refuse(
            &mut stream,
            None,
            &refusal::no_static_block(&process.host.path),
        );
    }
    let Some(hello) = hello(process, token.clone()) else {
        let reason = refusal::address_range("every candidate range is in use");
        return refuse(&mut stream, None, &reason);
    };
    write_message(&mut stream, &FromLoader::Hello(hello))?;
    let (kind, payload) = read_frame(&mut stream, LONGEST_WELCOME)?;
    match protocol_of_welcome(kind, &payload)? {
        Some(PROTOCOL) => {}
        Some(theirs) => return refuse(&mut stream, None, &refusal::version(theirs, PROTOCOL)),
        // Refused, by a session that says why to the user, or nothing that can open a conversation.
        None => return Ok(()),
    }
    let FromSession::Welcome(welcome) = from_session(kind, payload)? else {
        return Ok(());
    };
    if let Err(reason) = judge(&welcome, process, &token) {
        return refuse(&mut stream, None, &reason);
    }
    let parking = Parking::new(welcome.parking.as_deref());
    crashes::connected(stream.as_raw_fd());
    let ended = serve(process, &mut stream, parking);
    crash::deafen();
    ended
}

fn serve(process: &Process, stream: &mut UnixStream, mut parking: Parking) -> Ended {
    loop {
        let (patch, answer) = match read_message(stream, LONGEST)? {
            FromSession::Apply { patch, image } => (
                patch,
                patch::apply(process, patch, &image).map(FromLoader::Applied),
            ),
            FromSession::Undo(undo) => (
                undo.patch,
                patch::undo(process, undo.patch).map(FromLoader::Undone),
            ),
            FromSession::Go(Go {}) => {
                crashes::expect();
                hold::release();
                crashes::listen_for();
                continue;
            }
            FromSession::Unload(unload) => {
                let unloaded = FromLoader::Unloaded(unload::unload(process, &mut parking, &unload));
                say(stream, &unloaded)?;
                continue;
            }
            // A second Welcome has no meaning.
            FromSession::Refused(_) | FromSession::Welcome(_) => return Ok(()),
        };
        crashes::listen_without_waiting();
        match answer {
            Ok(message) => say(stream, &message)?,
            Err(reason) => refuse(stream, Some(patch), &reason)?,
        }
        crashes::listen_for();
    }
}

fn say(stream: &mut UnixStream, message: &FromLoader) -> Ended {
    Ok(crash::while_writing(|| write_message(stream, message))?)
}

fn refuse(stream: &mut UnixStream, patch: Option<u32>, reason: &Refusal) -> Ended {
    let refused = Refused {
        patch,
        reasons: vec![reason.as_ref().clone()],
    };
    say(stream, &FromLoader::Refused(refused))
}

fn hello(process: &Process, token: String) -> Option<Hello> {
    let window = process.window?;
    Some(Hello {
        protocol: PROTOCOL,
        loader: LOADER.into(),
        token,
        pid: std::process::id(),
        ppid: std::os::unix::process::parent_id(),
        build_id: process.host.build_id.clone(),
        image: process.host.path.clone(),
        load_bias: Address(process.host.bias as u64),
        window: Window {
            offset: process.window_offset(&window),
            size: window.size as u64,
        },
        tls: TlsPool {
            tp_offset: arch::pool_offset(),
            size: POOL_SIZE as u64,
            image: process.host.thread_block,
        },
        libraries: process.host.libraries.clone(),
        patches: STATE.lock().ids(),
        held: hold::is_held(),
    })
}

fn judge(welcome: &Welcome, process: &Process, token: &str) -> Result<(), Refusal> {
    if token.is_empty() || welcome.token != token {
        return Err(refusal::stranger("it does not know the token"));
    }
    if welcome.build_id != process.host.build_id {
        return Err(refusal::foreign(
            &welcome.build_id,
            format_args!("the running image has build id `{}`", process.host.build_id),
        ));
    }
    Ok(())
}
