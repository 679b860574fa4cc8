//! The engine as a service: one JSON request in, one JSON reply (and perhaps bytes) out.
//!
//! The session talks to the engine through this door only. What lives longer than a call stays on this side and is
//! named by an integer handle, so that no pointer ever crosses the border.

mod commit;
mod host;

use crate::code_digest::code_digest;
use crate::history::Target;
use crate::index;
use crate::reason::demangled;
use crate::source_places::source_places;
use crate::source_stamps::source_stamp;
use host::Host;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// `json` is the reply; `bytes` goes with it when an operation makes a file (a patch image), else it is empty.
#[derive(Debug, Default)]
pub struct Reply {
    pub json: String,
    pub bytes: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Request {
    /// Which engine this is.
    Version,
    /// Reads the base image; units are read when they are needed.
    Open {
        image: PathBuf,
        crates: Vec<CrateUnits>,
        archives: Vec<PathBuf>,
    },
    /// Writes the index of each unit beside its object.
    Index {
        units: Vec<PathBuf>,
    },
    /// What each unit means, blind to debug information.
    Digests {
        units: Vec<PathBuf>,
    },
    /// Changed units against what is live. `thread_block` only for a shared library that is patched in another program.
    Diff {
        host: u64,
        changed: Vec<ChangedUnit>,
        thread_block: Option<i64>,
    },
    /// The image of a plan.
    Link {
        host: u64,
        plan: u64,
        patch: u64,
        offset: i64,
        libraries: Vec<PathBuf>,
        tls: ThreadPool,
    },
    /// Every process has the patch.
    Commit {
        host: u64,
        plan: u64,
    },
    /// The image that takes a patch back: a number, or "newest".
    Undo {
        host: u64,
        target: Which,
        patch: u64,
        offset: i64,
    },
    /// What became of each patch.
    Status {
        host: u64,
    },
    /// Patches that may be unloaded; they are not made current again.
    Unreachable {
        host: u64,
    },
    /// Every process has freed these.
    Unloaded {
        host: u64,
        patches: Vec<u64>,
    },
    /// No process has it.
    Abandon {
        host: u64,
        plan: u64,
    },
    Close {
        host: u64,
    },
    /// Source places of code; addresses are the image's own.
    Places {
        image: PathBuf,
        addresses: Vec<u64>,
    },
    /// What people call these symbols.
    Names {
        symbols: Vec<String>,
    },
    /// Whether the sources of packages are those of before; folders relative to `root`.
    SourceStamps {
        root: PathBuf,
        folders: Vec<String>,
    },
}

#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum Which {
    Number(u64),
    Newest(Newest),
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Newest {
    Newest,
}

/// `units` is the folder of a crate's unit objects. `unlinked`: the image was not linked with the crate.
#[derive(Deserialize)]
pub struct CrateUnits {
    pub id: String,
    pub units: PathBuf,
    #[serde(default)]
    pub unlinked: bool,
}

/// `path` is null for a unit that no longer exists.
#[derive(Deserialize)]
pub struct ChangedUnit {
    #[serde(rename = "crate")]
    pub crate_id: String,
    pub unit: String,
    pub path: Option<PathBuf>,
}

/// The loader's reserved thread-local pool, as its Hello describes it, and how much of it live patches use.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadPool {
    pub tp_offset: i64,
    pub size: u64,
    pub used: u64,
}

static HOSTS: LazyLock<Mutex<HashMap<u64, Arc<Mutex<Host>>>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Runs one request. May be called from any thread, several at a time.
///
/// # Errors
/// One plain sentence for the user: a request that is not one of ours, or why the operation failed.
pub fn call(request: &str) -> Result<Reply, String> {
    let request: Request = serde_json::from_str(request)
        .map_err(|error| format!("The request to the engine is not understood: {error}."))?;
    match request {
        Request::Version => reply(&serde_json::json!({ "version": env!("CARGO_PKG_VERSION") })),
        Request::Open {
            image,
            crates,
            archives,
        } => {
            let host = Host::open(&image, &crates, archives)?;
            let handle = NEXT.fetch_add(1, Ordering::Relaxed);
            let answer = serde_json::json!({ "host": handle, "buildId": host.build_id(), "units": host.units() });
            hosts().insert(handle, Arc::new(Mutex::new(host)));
            reply(&answer)
        }
        Request::Index { units } => {
            for unit in &units {
                index::write_beside(unit).map_err(|e| format!("{e}."))?;
            }
            reply(&serde_json::json!({ "units": units.len() }))
        }
        Request::Digests { units } => {
            let digests: Result<Vec<String>, String> =
                units.iter().map(|unit| code_digest(unit)).collect();
            reply(&serde_json::json!({ "digests": digests? }))
        }
        Request::Diff {
            host,
            changed,
            thread_block,
        } => with(host, |h| reply(&h.diff(&changed, thread_block)?)),
        Request::Link {
            host,
            plan,
            patch,
            offset,
            libraries,
            tls,
        } => with(host, |h| {
            let (answer, bytes) = h.link(plan, patch, offset, &libraries, &tls)?;
            Ok(Reply {
                bytes,
                ..reply(&answer)?
            })
        }),
        Request::Commit { host, plan } => with(host, |h| reply(&h.commit(plan)?)),
        Request::Undo {
            host,
            target,
            patch,
            offset,
        } => with(host, |h| {
            let target = match target {
                Which::Number(number) => Target::Number(number),
                Which::Newest(Newest::Newest) => Target::Newest,
            };
            let (answer, bytes) = h.undo(target, patch, offset)?;
            Ok(Reply {
                bytes,
                ..reply(&answer)?
            })
        }),
        Request::Status { host } => with(host, |h| reply(&h.status())),
        Request::Unreachable { host } => with(host, |h| reply(&h.unreachable())),
        Request::Unloaded { host, patches } => with(host, |h| reply(&h.unloaded(&patches))),
        Request::Abandon { host, plan } => with(host, |h| reply(&h.abandon(plan))),
        Request::Close { host } => {
            hosts().remove(&host);
            reply(&serde_json::json!({}))
        }
        Request::Places { image, addresses } => {
            reply(&serde_json::json!({ "places": source_places(&image, &addresses)? }))
        }
        Request::Names { symbols } => {
            let names: Vec<String> = symbols.iter().map(|symbol| demangled(symbol)).collect();
            reply(&serde_json::json!({ "names": names }))
        }
        Request::SourceStamps { root, folders } => {
            let stamps = folders
                .iter()
                .map(|folder| source_stamp(&root.join(folder)));
            reply(&serde_json::json!({ "stamps": stamps.collect::<Vec<_>>() }))
        }
    }
}

fn hosts() -> std::sync::MutexGuard<'static, HashMap<u64, Arc<Mutex<Host>>>> {
    HOSTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with(handle: u64, f: impl FnOnce(&mut Host) -> Result<Reply, String>) -> Result<Reply, String> {
    let host = hosts()
        .get(&handle)
        .cloned()
        .ok_or_else(|| format!("The engine has no host {handle}; it was closed."))?;
    let mut host = host.lock().unwrap_or_else(PoisonError::into_inner);
    f(&mut host)
}

fn reply(answer: &impl Serialize) -> Result<Reply, String> {
    let json = serde_json::to_string(answer)
        .map_err(|e| format!("The engine's answer cannot be written: {e}."))?;
    Ok(Reply {
        json,
        bytes: Vec::new(),
    })
}
