//! Runs a command that finds the workspace at the same path in every clone.
//!
//!     nx-hotpatch-same-path [--stay] MOUNTPOINT FOLDER PATH [FOLDER PATH ...] [-- PROGRAM ARGUMENT...]
//!
//! rustc throws an incremental state away when its working folder is another (`rustc_session::options`: `working_dir`
//! is tracked), and writes that folder into debug information. So each rustc runs in a mount namespace of its own, in
//! which each FOLDER lies at its PATH too; everything else is where it was. A working folder in one of them becomes the
//! same one below its PATH, but for `--stay`. MOUNTPOINT is an empty folder that the namespace's root is put together
//! on. Within such a namespace only the working folder is changed.
//!
//! Without PROGRAM it tells by its exit code whether this system allows it: user namespaces can be switched off, and
//! containers often forbid mounts.
#![forbid(unsafe_code)]

mod namespace;
mod out_dir;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use namespace::Namespace;

/// As a shell: the command could not be run.
const CANNOT_RUN: u8 = 126;

struct Request {
    stays: bool,
    namespace: Namespace,
    command: Vec<OsString>,
}

fn main() -> ExitCode {
    let Some(request) = request(std::env::args_os().skip(1).collect()) else {
        eprintln!(
            "usage: nx-hotpatch-same-path [--stay] MOUNTPOINT FOLDER PATH [FOLDER PATH ...] [-- PROGRAM ARGUMENT...]"
        );
        return ExitCode::from(2);
    };
    match run(&request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("nx-hotpatch-same-path: {message}");
            ExitCode::from(CANNOT_RUN)
        }
    }
}

fn request(mut arguments: Vec<OsString>) -> Option<Request> {
    let stays = arguments.first().is_some_and(|first| first == "--stay");
    if stays {
        arguments.remove(0);
    }
    let end = arguments
        .iter()
        .position(|each| each == "--")
        .unwrap_or(arguments.len());
    let command = arguments.iter().skip(end + 1).cloned().collect();
    let (mountpoint, folders) = arguments[..end].split_first()?;
    if folders.is_empty() || folders.len() % 2 != 0 {
        return None;
    }
    let pairs = folders
        .chunks_exact(2)
        .map(|pair| (PathBuf::from(&pair[0]), PathBuf::from(&pair[1])));
    let namespace = Namespace {
        mountpoint: mountpoint.into(),
        folders: pairs.collect(),
    };
    Some(Request {
        stays,
        namespace,
        command,
    })
}

fn run(
    Request {
        stays,
        namespace,
        command,
    }: &Request,
) -> Result<(), String> {
    let out_dir = out_dir::path();
    let working = std::env::current_dir().map_err(|error| format!("no working folder: {error}"))?;
    if !namespace.is_inside() {
        namespace.enter()?;
    }
    let working = if *stays {
        working
    } else {
        namespace.seen_from_inside(working)
    };
    std::env::set_current_dir(&working)
        .map_err(|error| format!("{}: {error}", working.display()))?;
    let [program, arguments @ ..] = command.as_slice() else {
        return Ok(());
    };
    let mut child = Command::new(program);
    child.args(arguments);
    if let Some(path) = out_dir {
        out_dir::reopen(&path, &mut child)?;
    }
    // Only returns when it failed.
    let error = child.exec();
    Err(format!("{} cannot be run: {error}", program.display()))
}
