//! The session's part of the conversation.
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use nx_hotpatch_loader::arch;
use nx_hotpatch_loader::protocol::frame::{encode_from_session, from_loader, read_frame, LONGEST};
use nx_hotpatch_loader::protocol::messages::{
    Applied, FromLoader, FromSession, Hello, PatchId, Reason, Unload, Unloaded, Welcome,
};
use nx_hotpatch_loader::protocol::PROTOCOL;
use serde_json::Value;

use super::image::{Image, Patch};
use super::program::Program;
use super::Folder;

pub const TOKEN: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

const SLOT: i64 = 128 << 10;

/// Nothing in these tests takes this long unless it hangs.
const HANGS: Duration = Duration::from_secs(60);

pub struct Session<'p> {
    pub program: &'p Program,
    pub folder: Folder,
    listener: UnixListener,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// What stands at redirected entries by now.
    now: HashMap<String, Vec<u8>>,
    next: u32,
}

/// One process of the program that has said Hello.
pub struct Connection {
    pub stream: UnixStream,
    pub hello: Hello,
}

impl<'p> Session<'p> {
    pub fn start(program: &'p Program) -> Self {
        Self::start_with(program, &[])
    }

    pub fn start_with(program: &'p Program, arguments: &[&str]) -> Self {
        Self::start_in(program, arguments, &[])
    }

    /// A program that waits before `main`.
    pub fn start_held(program: &'p Program) -> Self {
        Self::start_in(program, &[], &[("NX_HOTPATCH_HOLD", "1")])
    }

    /// A library, in a host that is given its path and that of a copy.
    pub fn start_host(host: &Program, library: &'p Program, copy: &std::path::Path) -> Self {
        let loader = super::program::loader();
        let environment = [
            ("LD_PRELOAD", loader.to_str().unwrap()),
            ("NX_HOTPATCH_LIBRARY", &library.build_id),
        ];
        let paths = [library.path.as_path(), copy].map(|path| path.to_str().unwrap());
        Self::start_file(library, &host.path, &paths, &environment)
    }

    fn start_in(program: &'p Program, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_file(program, &program.path, arguments, environment)
    }

    fn start_file(
        program: &'p Program,
        file: &std::path::Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = Folder::new();
        let socket = folder.0.join("session.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        std::fs::write(folder.0.join("token"), TOKEN).unwrap();
        let errors = std::fs::File::create(folder.0.join("errors")).unwrap();
        let mut child = Command::new(file)
            .args(arguments)
            .env("NX_HOTPATCH_SOCKET", &socket)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            program,
            folder,
            listener,
            child,
            stdin,
            stdout,
            now: HashMap::new(),
            next: 1,
        }
    }

    /// The next process that connects, before it was welcomed.
    pub fn accept(&self) -> Connection {
        let mut poll = libc::pollfd {
            fd: self.listener.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one valid pollfd.
        let ready = unsafe { libc::poll(&mut poll, 1, HANGS.as_millis() as i32) };
        assert_eq!(ready, 1, "no process of the program connects");
        let (mut stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(HANGS)).unwrap();
        match receive(&mut stream) {
            FromLoader::Hello(hello) => Connection { stream, hello },
            other => panic!("in place of Hello: {other:?}"),
        }
    }

    /// The next process that connects, welcomed.
    pub fn meet(&self) -> Connection {
        let mut connection = self.accept();
        connection.send(&FromSession::Welcome(self.welcome()));
        connection
    }

    /// The same, with a folder for parking.
    pub fn meet_with_parking(&self) -> Connection {
        let mut connection = self.accept();
        let mut welcome = self.welcome();
        welcome.parking = Some(self.folder.0.to_str().unwrap().into());
        connection.send(&FromSession::Welcome(welcome));
        connection
    }

    pub fn welcome(&self) -> Welcome {
        Welcome {
            protocol: PROTOCOL,
            token: TOKEN.into(),
            build_id: self.program.build_id.clone(),
            parking: None,
        }
    }

    /// A patch for the next slot that redirects `functions` to the patch's functions `new_<name>`.
    pub fn patch(&mut self, hello: &Hello, source: &str, functions: &[&str]) -> Patch<'p> {
        let id = self.next;
        self.next += 1;
        let redirect = |name: &&str| {
            let before = || self.program.bytes(self.program.address(name), 16);
            let bytes = self.now.get(*name).cloned().unwrap_or_else(before);
            (name.to_string(), format!("new_{name}"), bytes)
        };
        Patch {
            program: self.program,
            id,
            distance: hello.window.offset + SLOT * i64::from(id - 1),
            source: source.into(),
            redirects: functions.iter().map(redirect).collect(),
            restores: Vec::new(),
            writes: Vec::<Value>::new(),
            absent: Vec::<Value>::new(),
            tls_offset: None,
            flags: Vec::new(),
        }
    }

    /// Notes that a patch is live: its entries hold jumps from now on.
    pub fn note(&mut self, patch: &Patch<'_>, image: &Image) {
        for ((name, _, bytes), new) in patch.redirects.iter().zip(&image.new) {
            let from = 1 << 40;
            let to = (from as i64 + patch.distance + *new as i64) as usize
                - self.program.address(name) as usize;
            let mut bytes = bytes.clone();
            bytes[..5].copy_from_slice(&arch::jump(from, to).unwrap());
            self.now.insert(name.clone(), bytes);
        }
    }

    /// Builds a patch, applies it in one process, and notes it.
    pub fn apply(
        &mut self,
        connection: &mut Connection,
        source: &str,
        functions: &[&str],
    ) -> Applied {
        let patch = self.patch(&connection.hello, source, functions);
        let image = patch.build();
        let applied = connection
            .apply(patch.id, &image.bytes)
            .unwrap_or_else(|reasons| panic!("{reasons:?}"));
        self.note(&patch, &image);
        applied
    }

    /// Writes a line to the program and reads one.
    pub fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.read_line()
    }

    pub fn tell(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub fn read_line(&mut self) -> String {
        let mut line = String::new();
        if self.stdout.read_line(&mut line).unwrap() == 0 {
            panic!("the program ended: {}", self.child.wait().unwrap());
        }
        line.trim_end().to_owned()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the program has written to its standard error.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.0.join("errors")).unwrap()
    }

    /// Waits for the program's own end.
    pub fn wait(&mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends the program's input and gives the rest of its output; it must end with code 0.
    pub fn finish(mut self) -> String {
        drop(self.stdin.take());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        let status = self.child.wait().unwrap();
        assert!(
            status.success(),
            "the program ended with {status}; it had said: {rest}"
        );
        rest
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Connection {
    pub fn send(&mut self, message: &FromSession) {
        self.stream
            .write_all(&encode_from_session(message).unwrap())
            .unwrap();
    }

    pub fn receive(&mut self) -> FromLoader {
        receive(&mut self.stream)
    }

    pub fn apply(&mut self, patch: u32, image: &[u8]) -> Result<Applied, Vec<Reason>> {
        self.send(&FromSession::Apply {
            patch,
            image: image.to_vec(),
        });
        match self.receive() {
            FromLoader::Applied(applied) => Ok(applied),
            FromLoader::Refused(refused) => Err(refused.reasons),
            other => panic!("an answer to no request: {other:?}"),
        }
    }

    pub fn undo(&mut self, patch: u32) -> Result<(), Vec<Reason>> {
        self.send(&FromSession::Undo(PatchId { patch }));
        match self.receive() {
            FromLoader::Undone(undone) => {
                assert_eq!(undone.patch, patch);
                Ok(())
            }
            FromLoader::Refused(refused) => Err(refused.reasons),
            other => panic!("an answer to no request: {other:?}"),
        }
    }

    /// Offers patches for unloading: those that were unloaded, and those that were kept with what keeps them.
    pub fn unload(&mut self, patches: &[u32]) -> (Vec<u32>, Vec<(u32, String)>) {
        self.send(&FromSession::Unload(Unload {
            patches: patches.to_vec(),
        }));
        match self.receive() {
            FromLoader::Unloaded(Unloaded { unloaded, kept }) => (
                unloaded.iter().map(|one| one.patch).collect(),
                kept.into_iter().map(|one| (one.patch, one.by)).collect(),
            ),
            other => panic!("in place of Unloaded: {other:?}"),
        }
    }

    /// Whether the loader has closed its end.
    pub fn is_closed(&mut self) -> bool {
        matches!(std::io::Read::read(&mut self.stream, &mut [0; 1]), Ok(0))
    }
}

fn receive(stream: &mut UnixStream) -> FromLoader {
    let (kind, payload) = read_frame(stream, LONGEST).unwrap();
    from_loader(kind, &payload).unwrap()
}
