//! A plan that every process has, as an entry of the history.

use crate::diff::plan::{PatchPlan, Status};
use crate::history::{Commit, Patch, ReplacedUnit};
use crate::link::Linked;
use crate::live::PatchMemory;

/// The commit, and what it keeps in memory. Without an image nothing but units was accepted.
pub fn of(plan: PatchPlan, linked: Option<Linked>) -> (Commit, Option<PatchMemory>) {
    let hidden = plan
        .status
        .iter()
        .filter(|(_, status)| **status == Status::New)
        .map(|(key, _)| key.clone());
    let mut commit = Commit {
        hidden: hidden.collect(),
        renamed: plan.renamed.clone().into_iter().collect(),
        data: plan.data.clone().into_iter().collect(),
        threads: plan.threads.clone().into_iter().collect(),
        gone: plan.gone.clone(),
        along: plan.along.clone(),
        reverted: plan.reverted.iter().cloned().collect(),
        words: plan.writes.clone(),
        absent: plan.absent.clone(),
        is_barrier: !plan.layouts.is_empty(),
        ..Commit::default()
    };
    let mut memory = None;
    if let Some(linked) = linked {
        let mut functions = plan.redirected();
        functions.extend(linked.added);
        commit.functions = linked.functions;
        commit.data.extend(linked.data);
        commit.threads.extend(linked.threads);
        commit.jumps = linked.jumps;
        commit.patch = Some(Patch {
            number: linked.number,
            memory: linked.memory.as_ref().map_or(0..0, PatchMemory::range),
            threads: linked.thread_range,
            functions,
            sources: linked.sources,
            refers: linked.refers,
            offered: false,
            unloaded: false,
        });
        memory = linked.memory;
    }
    commit.units = plan
        .changes
        .into_iter()
        .chain(plan.unlinked)
        .map(|change| ReplacedUnit {
            crate_id: change.crate_id,
            name: change.name,
            new: change.new,
        })
        .collect();
    (commit, memory)
}
