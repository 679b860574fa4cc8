//! The plan that travels in the image's `.nx_hotpatch` section: what the loader redirects and writes.
//! Its form is the contract in `protocol/README.md`.

use super::elf::{Layout, TlsImage};
use super::graph::Graph;
use super::Placement;
use crate::arch::x86_64;
use crate::diff::absence::Absent;
use crate::diff::plan::{self, PatchPlan};
use crate::live::{Live, SymbolKey, Turn};
use crate::reason::{demangled, Reason};
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Clone, Serialize)]
pub struct Redirect {
    pub symbol: String,
    pub name: String,
    pub old: i64,
    pub new: u64,
    pub bytes: String,
}

/// An entry that leads to earlier code again.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    symbol: String,
    name: String,
    at: i64,
    bytes: String,
    original: String,
}

impl Restored {
    pub fn of(key: &SymbolKey, turn: &Turn) -> Restored {
        Restored {
            symbol: key.name.clone(),
            name: demangled(&key.name),
            at: turn.at,
            bytes: hex(&turn.now),
            original: hex(&turn.then),
        }
    }
}

#[derive(Serialize)]
struct Write {
    symbol: String,
    at: i64,
    old: String,
    new: String,
}

/// New thread-locals and their initial contents.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// Place in the pool.
    offset: u64,
    image: u64,
    file_size: u64,
    mem_size: u64,
    align: u64,
    tp_offset: i64,
}

impl Tls {
    pub fn of(at: Placement, offset: u64, image: TlsImage) -> Tls {
        Tls {
            offset,
            image: image.address,
            file_size: image.file_size,
            mem_size: image.mem_size,
            align: image.align,
            tp_offset: at.tls_offset,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'m> {
    format: u32,
    patch: u64,
    build_id: &'m str,
    distance: i64,
    redirects: &'m [Redirect],
    restores: &'m [Restored],
    writes: Vec<Write>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    absent: &'m [Absent],
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
}

/// Entries and where they lead.
pub type Jumps = Vec<(i64, Option<i64>)>;

/// A redirect for every entry that an old version of a changed function has.
pub fn redirects(
    live: &Live,
    plan: &PatchPlan,
    graph: &Graph,
    layout: &Layout,
    distance: i64,
) -> Result<(Vec<Redirect>, Jumps), Vec<Reason>> {
    let (mut redirects, mut jumps, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for changed in plan.changed() {
        let symbol = changed.symbol;
        let block = graph
            .units
            .iter()
            .position(|u| Arc::ptr_eq(u, changed.unit))
            .and_then(|u| graph.find(u, changed.section));
        let Some(new) = block.and_then(|b| layout.block(b)) else {
            continue;
        };
        let name = demangled(&symbol.name);
        for &old in changed.entries.iter().filter(|&&old| !live.is_free(old)) {
            if redirects.iter().any(|r: &Redirect| r.old == old) {
                continue; // functions of equal code have one entry
            }
            let target = distance.checked_add_unsigned(new);
            match (
                live.compared(old),
                target.filter(|to| x86_64::jump(old, *to).is_some()),
            ) {
                (Some(bytes), Some(target)) => {
                    redirects.push(Redirect {
                        symbol: symbol.name.clone(),
                        name: name.clone(),
                        old,
                        new,
                        bytes: hex(&bytes),
                    });
                    jumps.push((old, Some(target)));
                }
                _ => reasons.push(Reason::new(
                    "entry-out-of-reach",
                    name.clone(),
                    format!("The entry of `{name}` cannot be reached from the patch."),
                )),
            }
        }
    }
    if reasons.is_empty() {
        Ok((redirects, jumps))
    } else {
        Err(reasons)
    }
}

/// What an image does to the program.
#[derive(Default)]
pub struct Effects<'e> {
    pub redirects: &'e [Redirect],
    pub restores: &'e [Restored],
    pub writes: &'e [plan::Write],
    pub absent: &'e [Absent],
    pub tls: Option<Tls>,
}

pub fn json(build_id: &str, patch: u64, distance: i64, effects: &Effects<'_>) -> String {
    let writes = effects.writes.iter().map(|w| Write {
        symbol: w.symbol.clone(),
        at: w.at,
        old: hex(&w.old),
        new: hex(&w.new),
    });
    let manifest = Manifest {
        format: 3,
        patch,
        build_id,
        distance,
        redirects: effects.redirects,
        restores: effects.restores,
        writes: writes.collect(),
        absent: effects.absent,
        tls: effects.tls,
    };
    // Strings and integers only: this cannot fail.
    serde_json::to_string(&manifest).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
