//! The engine through its one door, as the session uses it, on files in memory-sized folders.

use crate::folder::Folder;
use crate::parts;
use hotpatch_engine::service::{call, Reply};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// The files of an input, in the order of its parts.
pub struct Input<'d> {
    pub old: &'d [u8],
    pub new: &'d [u8],
    pub host: &'d [u8],
    pub archive: &'d [u8],
    pub library: &'d [u8],
    /// Where the loader said that it has room: four words.
    pub room: Room,
}

/// What a loader announces and a session passes on.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub offset: i64,
    pub tp_offset: i64,
    pub tls_size: u64,
    pub tls_used: u64,
}

impl Room {
    /// As an ordinary program has it.
    pub const ORDINARY: Room = Room {
        offset: -(512 << 20),
        tp_offset: -16_640,
        tls_size: 16 << 10,
        tls_used: 0,
    };

    pub fn write(self) -> Vec<u8> {
        let words = [
            self.offset as u64,
            self.tp_offset as u64,
            self.tls_size,
            self.tls_used,
        ];
        words.into_iter().flat_map(u64::to_le_bytes).collect()
    }

    fn read(bytes: &[u8]) -> Room {
        let (words, _) = bytes.as_chunks::<8>();
        let [offset, tp_offset, tls_size, tls_used] =
            [0, 1, 2, 3].map(|at| words.get(at).map(|word| u64::from_le_bytes(*word)));
        let ordinary = Room::ORDINARY;
        Room {
            offset: offset.map_or(ordinary.offset, |word| word as i64),
            tp_offset: tp_offset.map_or(ordinary.tp_offset, |word| word as i64),
            tls_size: tls_size.unwrap_or(ordinary.tls_size),
            tls_used: tls_used.unwrap_or(ordinary.tls_used),
        }
    }
}

impl<'d> Input<'d> {
    pub fn read(data: &'d [u8]) -> Input<'d> {
        let [old, new, host, archive, library, room] = parts::unpack(data);
        Input {
            old,
            new,
            host,
            archive,
            library,
            room: Room::read(room),
        }
    }
}

/// An open host, closed when dropped.
pub struct Engine {
    // Held for what is in it.
    _folder: Folder,
    library: PathBuf,
    host: Value,
    room: Room,
    pub old: PathBuf,
    pub new: PathBuf,
}

/// From the thread pointer, as far as a library's block may lie.
const THREAD_BLOCK: i64 = -4096;

impl Engine {
    pub fn open(input: &Input<'_>) -> Result<Engine, String> {
        let folder = Folder::new();
        let old = folder.write("units/unit.o", input.old);
        let new = folder.write("changed/unit.o", input.new);
        let image = folder.write("image", input.host);
        let archives = match input.archive {
            [] => Vec::new(),
            bytes => vec![folder.write("libmember.rlib", bytes)],
        };
        let library = folder.write("liblibrary.so", input.library);
        let units = folder.path().join("units");
        let reply = ask(json!({
            "op": "open", "image": image, "crates": [{ "id": "app", "units": units }], "archives": archives,
        }))?;
        Ok(Engine {
            _folder: folder,
            library,
            host: answer(&reply)["host"].clone(),
            room: input.room,
            old,
            new,
        })
    }

    /// The plan of a change to `unit`.
    pub fn diff(&self, unit: &Path) -> Result<Value, String> {
        let changed = json!([{ "crate": "app", "unit": "unit", "path": unit }]);
        // The images of the corpus are shared libraries: a process would say where their thread-locals are.
        let request = json!({ "op": "diff", "host": self.host, "changed": changed, "threadBlock": THREAD_BLOCK });
        let reply = ask(request)?;
        Ok(answer(&reply))
    }

    /// The image of a plan, and what is said of it.
    pub fn link(
        &self,
        plan: &Value,
        patch: u64,
        tls_used: u64,
    ) -> Result<(Value, Vec<u8>), String> {
        let Room {
            offset,
            tp_offset,
            tls_size,
            ..
        } = self.room;
        let reply = ask(json!({
            "op": "link", "host": self.host, "plan": plan["plan"], "patch": patch, "offset": offset,
            "libraries": [self.library],
            "tls": { "tpOffset": tp_offset, "size": tls_size, "used": tls_used },
        }))?;
        Ok((answer(&reply), reply.bytes))
    }

    pub fn commit(&self, plan: &Value) -> Result<(), String> {
        ask(json!({ "op": "commit", "host": self.host, "plan": plan["plan"] })).map(drop)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = call(&json!({ "op": "close", "host": self.host }).to_string());
    }
}

fn ask(request: Value) -> Result<Reply, String> {
    call(&request.to_string())
}

fn answer(reply: &Reply) -> Value {
    serde_json::from_str(&reply.json).expect("the engine answers in JSON")
}
