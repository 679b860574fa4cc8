//! The plan that travels in the image's `.nx_hotpatch` section: what the loader redirects and writes.
//! Its form is the contract in `protocol/README.md`.

use super::elf::{Layout, TlsImage};
use super::graph::Graph;
use super::Placement;
use crate::arch::x86_64;
use crate::diff::plan::PatchPlan;
use crate::live::Live;
use crate::reason::{demangled, Reason};
use serde::Serialize;
use std::sync::Arc;

/// Bytes at an entry that the loader compares before it overwrites it.
const CHECKED: usize = 16;

#[derive(Debug, Clone, Serialize)]
pub struct Redirect {
    pub symbol: String,
    pub name: String,
    pub old: i64,
    pub new: u64,
    pub bytes: String,
}

#[derive(Serialize)]
struct Write {
    symbol: String,
    at: i64,
    old: String,
    new: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls {
    offset: u64,
    image: u64,
    file_size: u64,
    mem_size: u64,
    align: u64,
    tp_offset: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'m> {
    format: u32,
    patch: u64,
    build_id: &'m str,
    distance: i64,
    redirects: &'m [Redirect],
    writes: Vec<Write>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
}

pub type Jumps = Vec<(i64, [u8; 5])>;

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
        for &old in changed.entries {
            let bytes = (1..=CHECKED).rev().find_map(|n| live.read(old, n));
            if redirects.iter().any(|r: &Redirect| r.old == old) {
                continue; // functions of equal code have one entry
            }
            let target = distance.checked_add_unsigned(new);
            match (bytes, target.and_then(|to| x86_64::jump(old, to))) {
                (Some(bytes), Some(jump)) => {
                    redirects.push(Redirect {
                        symbol: symbol.name.clone(),
                        name: name.clone(),
                        old,
                        new,
                        bytes: hex(&bytes),
                    });
                    jumps.push((old, jump));
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

pub fn json(
    live: &Live,
    plan: &PatchPlan,
    at: Placement,
    tls: Option<(u64, TlsImage)>,
    redirects: &[Redirect],
) -> String {
    let writes = plan.writes.iter().map(|w| Write {
        symbol: w.symbol.clone(),
        at: w.at,
        old: hex(&w.old),
        new: hex(&w.new),
    });
    let manifest = Manifest {
        format: 2,
        patch: at.patch,
        build_id: &live.host.build_id,
        distance: at.offset,
        redirects,
        writes: writes.collect(),
        tls: tls.map(|(offset, image)| Tls {
            offset,
            image: image.address,
            file_size: image.file_size,
            mem_size: image.mem_size,
            align: image.align,
            tp_offset: at.tls_offset,
        }),
    };
    // Strings and integers only: this cannot fail.
    serde_json::to_string(&manifest).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
