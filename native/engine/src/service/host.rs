//! One base image with the patches that are live on it, and the plans that are being made.

use super::{commit, ChangedUnit, CrateUnits, ThreadPool};
use crate::diff::plan::{self, PatchPlan, Reported};
use crate::diff::UnitChange;
use crate::format::archive::Archives;
use crate::format::host::HostImage;
use crate::history::{self, PatchStatus, SetBack, TakeBack, Target};
use crate::link::{self, Linked, Placement};
use crate::live::{Live, UnitSlot};
use crate::reason::Reason;
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

pub struct Host {
    live: Live,
    archives: Archives,
    /// Exports of the libraries that were asked for last.
    libraries: (Vec<PathBuf>, FxHashSet<String>),
    plans: HashMap<u64, Pending>,
    next: u64,
}

#[derive(Serialize)]
pub struct DiffAnswer {
    plan: u64,
    functions: Vec<Reported>,
    writes: usize,
    notes: Vec<String>,
    refused: Vec<Reason>,
    /// What is wrong when a process has old values of types that are laid out otherwise; its loader finds out.
    layouts: Vec<Reason>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkAnswer {
    /// Bytes of the image, and bytes that it takes in the window.
    size: usize,
    memory: u64,
    tls_used: u64,
    /// All functions of the patch, the new ones among them.
    functions: Vec<Reported>,
    notes: Vec<String>,
    refused: Vec<Reason>,
}

#[derive(Serialize, Default)]
pub struct UndoAnswer {
    plan: u64,
    /// The newest first.
    patches: Vec<u64>,
    functions: Vec<Reported>,
    /// What is compiled since counts as not live.
    units: Vec<SetBack>,
    /// Bytes that the image takes in the window: none.
    memory: u64,
    refused: Vec<Reason>,
}

#[derive(Serialize)]
pub struct StatusAnswer {
    patches: Vec<PatchStatus>,
}

#[derive(Serialize)]
pub struct Numbers {
    patches: Vec<u64>,
}

/// A plan that ends in a commit or is abandoned.
enum Pending {
    Change(Box<PatchPlan>, Option<Box<Linked>>),
    TakeBack(Box<TakeBack>),
}

#[derive(Serialize)]
pub struct Done {}

impl Host {
    pub fn open(
        image: &Path,
        crates: &[CrateUnits],
        archives: Vec<PathBuf>,
    ) -> Result<Host, String> {
        let host = HostImage::open(image).map_err(|e| format!("{e}."))?;
        let mut units = BTreeMap::new();
        for one in crates {
            units.insert(one.id.clone(), slots(&one.units)?);
        }
        let unlinked = crates.iter().filter(|one| one.unlinked);
        let unlinked = unlinked.map(|one| one.id.clone()).collect();
        Ok(Host {
            live: Live::new(host, units, unlinked),
            // Read now, while the program starts, and not at the first save.
            archives: Archives::open(&archives).map_err(|e| format!("{e}."))?,
            libraries: Default::default(),
            plans: HashMap::new(),
            next: 1,
        })
    }

    pub fn build_id(&self) -> &str {
        &self.live.host.build_id
    }

    pub fn units(&self) -> usize {
        self.live.base.values().map(BTreeMap::len).sum()
    }

    /// `thread_block` is the offset from the thread pointer to a shared library's thread-locals, where it runs.
    pub fn diff(
        &mut self,
        changed: &[ChangedUnit],
        thread_block: Option<i64>,
    ) -> Result<DiffAnswer, String> {
        if let Some(offset) = thread_block {
            self.live.host.set_thread_block(offset);
        }
        if self.live.host.misses_thread_block() {
            let path = self.live.host.path.display();
            return Err(format!(
                "{path} is a shared library, and no process has said where its thread-locals are."
            ));
        }
        let changes = changed
            .iter()
            .map(|c| UnitChange {
                crate_id: c.crate_id.clone(),
                name: c.unit.clone(),
                old: self
                    .live
                    .now
                    .crates
                    .get(&c.crate_id)
                    .and_then(|units| units.get(&c.unit))
                    .cloned(),
                new: c.path.as_deref().map(UnitSlot::new),
            })
            .collect();
        let plan = plan::diff(&self.live, changes).map_err(|e| format!("{e}."))?;
        let handle = self.next;
        self.next += 1;
        let answer = DiffAnswer {
            plan: handle,
            functions: plan.redirected(),
            writes: plan.writes.len(),
            notes: plan.notes.clone(),
            refused: plan.refused.clone(),
            layouts: plan.layouts.clone(),
        };
        self.plans
            .insert(handle, Pending::Change(Box::new(plan), None));
        Ok(answer)
    }

    pub fn link(
        &mut self,
        plan: u64,
        patch: u64,
        offset: i64,
        libraries: &[PathBuf],
        tls: &ThreadPool,
    ) -> Result<(LinkAnswer, Vec<u8>), String> {
        if self.libraries.0 != libraries {
            self.libraries = (libraries.to_vec(), link::library_exports(libraries));
        }
        let Some(Pending::Change(diff, linked)) = self.plans.get_mut(&plan) else {
            return Err(no_plan(plan));
        };
        let at = Placement {
            patch,
            offset,
            tls_offset: tls.tp_offset,
            tls_size: tls.size,
            tls_used: tls.used,
        };
        match link::link(&self.live, diff, at, &self.libraries.1, &mut self.archives) {
            Ok(mut made) => {
                let mut functions = diff.redirected();
                functions.append(&mut made.added.clone());
                let bytes = std::mem::take(&mut made.bytes);
                let answer = LinkAnswer {
                    size: bytes.len(),
                    memory: made.memory_size(),
                    tls_used: made.tls_used,
                    functions,
                    notes: made.notes.clone(),
                    refused: Vec::new(),
                };
                *linked = Some(Box::new(made));
                Ok((answer, bytes))
            }
            Err(refused) => Ok((
                LinkAnswer {
                    size: 0,
                    memory: 0,
                    tls_used: tls.used,
                    functions: Vec::new(),
                    notes: Vec::new(),
                    refused,
                },
                Vec::new(),
            )),
        }
    }

    pub fn commit(&mut self, plan: u64) -> Result<Done, String> {
        match self.plans.remove(&plan).ok_or_else(|| no_plan(plan))? {
            Pending::Change(plan, linked) => {
                let (commit, memory) = commit::of(*plan, linked.map(|l| *l));
                self.live.commit(commit, memory);
            }
            Pending::TakeBack(plan) => plan.commit(&mut self.live)?,
        }
        Ok(Done {})
    }

    pub fn abandon(&mut self, plan: u64) -> Done {
        self.plans.remove(&plan);
        Done {}
    }
}

/// Taking patches back, and what became of them.
impl Host {
    /// The image that takes a patch back, and with it those that build on it. It holds no code.
    pub fn undo(
        &mut self,
        target: Target,
        patch: u64,
        offset: i64,
    ) -> Result<(UndoAnswer, Vec<u8>), String> {
        let refuse = |refused| {
            let answer = UndoAnswer {
                refused,
                ..UndoAnswer::default()
            };
            Ok((answer, Vec::new()))
        };
        let plan = match TakeBack::of(&self.live, target) {
            Ok(plan) => plan,
            Err(refused) => return refuse(refused),
        };
        let bytes = match link::taking_back(&self.live, &plan, patch, offset) {
            Ok(bytes) => bytes,
            Err(reason) => return refuse(vec![reason]),
        };
        let handle = self.next;
        self.next += 1;
        let answer = UndoAnswer {
            plan: handle,
            patches: plan.patches.clone(),
            functions: plan.functions.clone(),
            units: plan.units(),
            ..UndoAnswer::default()
        };
        self.plans.insert(handle, Pending::TakeBack(Box::new(plan)));
        Ok((answer, bytes))
    }

    pub fn status(&self) -> StatusAnswer {
        StatusAnswer {
            patches: history::status(&self.live),
        }
    }

    pub fn unreachable(&mut self) -> Numbers {
        Numbers {
            patches: history::unreachable(&mut self.live),
        }
    }

    pub fn unloaded(&mut self, patches: &[u64]) -> Done {
        history::unloaded(&mut self.live, patches);
        Done {}
    }
}

fn no_plan(plan: u64) -> String {
    format!("The engine has no plan {plan}; it was committed or abandoned.")
}

fn slots(folder: &Path) -> Result<BTreeMap<String, UnitSlot>, String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|e| format!("{}: the units cannot be listed: {e}.", folder.display()))?;
    let mut slots = BTreeMap::new();
    for entry in entries {
        let path = entry
            .map_err(|e| format!("{}: the units cannot be listed: {e}.", folder.display()))?
            .path();
        if path.extension().is_some_and(|e| e == "o") {
            if let Some(stem) = path.file_stem() {
                slots.insert(stem.to_string_lossy().into_owned(), UnitSlot::new(&path));
            }
        }
    }
    Ok(slots)
}
