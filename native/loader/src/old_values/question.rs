//! What is to be looked for, from the plan, and where not.
#![forbid(unsafe_code)]

use crate::arch::{self, JUMP, LONGEST_CALL};
use crate::image::plan::{Kind, Plan};
use crate::load::absolute;
use crate::os::memory::Territory;
use crate::os::slots::SLOT;
use crate::process::{not_the_programs, Process, STATE};
use crate::refusal::{corrupt, Refusal};

/// Memory, `end` excluded, that no word of the program may lead into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    pub name: String,
    pub meaning: Meaning,
    pub start: usize,
    pub end: usize,
}

/// What a word that leads there shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Code,
    Table,
    /// Anything in a patch's memory.
    Patch,
}

/// Whose values are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Old,
    New,
}

/// The ranges of a plan as addresses.
pub fn absent(
    process: &Process,
    plan: &Plan,
    territory: &Territory,
) -> Result<Vec<Absent>, Refusal> {
    let mut all = Vec::with_capacity(plan.absent.len());
    for range in &plan.absent {
        let no_range = || corrupt(format!("`{}` is no range of addresses", range.name));
        let start = absolute(process, range.start).ok_or_else(no_range)?;
        let end = absolute(process, range.end).ok_or_else(no_range)?;
        if start >= end {
            return Err(no_range());
        }
        let (meaning, end) = match range.kind {
            Kind::Code => (Meaning::Code, with_last_return(start, end, territory)),
            Kind::Table => (Meaning::Table, end),
        };
        let name = range.name.clone();
        all.push(Absent {
            name,
            meaning,
            start,
            end,
        });
    }
    Ok(all)
}

/// The end of a function, one further if it ends in a call: the return address is behind. When that cannot be told,
/// because a jump stands over it, it may.
fn with_last_return(start: usize, end: usize, territory: &Territory) -> usize {
    let mut last = [0; LONGEST_CALL];
    let at = end.checked_sub(LONGEST_CALL);
    let is_whole = at.is_some_and(|at| at >= start + JUMP && territory.read(at, &mut last));
    if is_whole && !arch::ends_in_call(&last) {
        end
    } else {
        end.saturating_add(1)
    }
}

/// What is to be looked for, and where not.
pub struct Question {
    pub(super) absent: Vec<Absent>,
    pub(super) layout: Layout,
    /// Start and end of memory that is not looked at.
    pub(super) skipped: Vec<(usize, usize)>,
    /// Start and end of the program's own data. What nobody has touched of it is as the linker wrote it, which can be a
    /// pointer where the program is linked for one place.
    pub(super) data: Vec<(usize, usize)>,
}

impl Question {
    /// Before a patch is applied that lies at `place`: its own tables lead wherever the engine had them lead. None when
    /// there is nothing to look for. Locks the state.
    pub fn before_apply(
        process: &Process,
        absent: &[Absent],
        place: Option<(usize, usize)>,
    ) -> Option<Self> {
        Self::about(process, absent.to_vec(), Layout::Old, place, extent(absent))
    }

    /// Before patch `patch` is undone that was applied with `absent`: its functions may have made values of the new
    /// layout, so nothing may lead into it either. None when it was applied without a search. Locks the state.
    pub fn before_undo(process: &Process, absent: &[Absent], patch: u32) -> Option<Self> {
        if absent.is_empty() {
            return None;
        }
        let place = STATE.lock().memory.iter().find_map(|memory| {
            let place = (memory.mapping.start, memory.mapping.end);
            (memory.patch == patch).then_some(place)
        });
        let mut all = absent.to_vec();
        all.extend(place.into_iter().flat_map(|place| within(patch, place)));
        Self::about(process, all, Layout::New, place, extent(absent))
    }

    fn about(
        process: &Process,
        absent: Vec<Absent>,
        layout: Layout,
        place: Option<(usize, usize)>,
        list: (usize, usize),
    ) -> Option<Self> {
        if absent.is_empty() {
            return None;
        }
        let not_theirs = not_the_programs();
        let not_theirs = not_theirs.iter().map(|range| (range.start, range.end));
        let mut skipped: Vec<_> = not_theirs.chain(place).chain([list]).collect();
        let state = STATE.lock();
        skipped.extend(state.memory.iter().flat_map(|memory| memory.constants()));
        // In the loader's heap unless they are long.
        skipped.extend(state.live.iter().map(|live| extent(&live.absent)));
        let writable = process.host.segments.iter();
        let writable = writable.filter(|range| range.protection.is_writable());
        Some(Self {
            absent,
            layout,
            skipped,
            data: writable.map(|range| (range.start, range.end)).collect(),
        })
    }
}

/// The memory of a patch but for the beginnings of its slots: who lists the modules, as std does for a backtrace, keeps
/// those, and calls nothing there.
fn within(patch: u32, (start, end): (usize, usize)) -> impl Iterator<Item = Absent> {
    (start..end).step_by(SLOT).map(move |slot| Absent {
        name: format!("patch {patch}"),
        meaning: Meaning::Patch,
        start: slot + 1,
        end: end.min(slot + SLOT),
    })
}

/// Start and end of what a slice takes.
pub(super) fn extent<T>(slice: &[T]) -> (usize, usize) {
    let range = slice.as_ptr_range();
    (range.start as usize, range.end as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::memory::PAGE;

    #[test]
    fn a_patch_is_looked_for_but_for_the_beginnings_of_its_slots() {
        let all: Vec<_> = within(3, (SLOT, 2 * SLOT + PAGE)).collect();
        let starts: Vec<_> = all.iter().map(|one| (one.start, one.end)).collect();
        assert_eq!(
            starts,
            [(SLOT + 1, 2 * SLOT), (2 * SLOT + 1, 2 * SLOT + PAGE)]
        );
        assert_eq!(all[0].name, "patch 3");
    }
}
