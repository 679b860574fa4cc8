//! Mutable data without a name: what code reaches by its place alone, such as the inside of a static after optimisation,
//! or data of assembly and of C. No symbol says which running data it is, and a copy of what runs would lose its value.
//!
//! It is the running one's twin when the version of its unit that runs holds exactly one like it; then code of that
//! version tells where it lies. It is new only when nothing that runs can be it. In between it is refused.

use super::graph::damaged;
use crate::diff::content::{Contents, Digest};
use crate::diff::gates::entries::runs_at;
use crate::diff::locations::reference;
use crate::diff::plan::PatchPlan;
use crate::format::unit::{SectionId, Target, Unit};
use crate::live::{Live, UnitSlot};
use crate::reason::Reason;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Where the running twin of a section lies; none when it is new.
pub fn running(
    live: &Live,
    plan: &PatchPlan,
    unit: &Arc<Unit>,
    section: SectionId,
) -> Result<Option<i64>, Reason> {
    let Some(change) = plan.change_to(unit) else {
        // As it was linked, or a member of an archive, of which the program may hold a part.
        return place(live, unit, section).map_err(|()| anonymous(unit, section));
    };
    let wanted = Contents::new(unit).section(section);
    let like = |all: Vec<(SectionId, Digest)>| -> Vec<SectionId> {
        let same = all.into_iter().filter(|(_, digest)| *digest == wanted);
        same.map(|(id, _)| id).collect()
    };
    let twins = match &change.old {
        Some(slot) => {
            let old = slot.unit().map_err(damaged)?;
            let twins = like(unnamed(&old));
            Some((old, twins))
        }
        None => None,
    };
    match twins {
        Some((old, twins)) if !twins.is_empty() => {
            match (twins.as_slice(), like(unnamed(unit)).len()) {
                ([twin], 1) => match place(live, &old, *twin) {
                    Ok(Some(address)) => Ok(Some(address)),
                    _ => Err(anonymous(unit, section)),
                },
                _ => Err(anonymous(unit, section)),
            }
        }
        // One that is there no more may be this one, edited or moved here.
        _ if loses_any(plan)? => Err(anonymous(unit, section)),
        _ => Ok(None),
    }
}

/// Whether a changed unit held unnamed mutable data that its new version does not hold.
fn loses_any(plan: &PatchPlan) -> Result<bool, Reason> {
    let of = |slot: &Option<UnitSlot>| -> Result<Vec<Digest>, Reason> {
        let Some(slot) = slot else {
            return Ok(Vec::new());
        };
        let unit = slot.unit().map_err(damaged)?;
        Ok(unnamed(&unit)
            .into_iter()
            .map(|(_, digest)| digest)
            .collect())
    };
    for change in &plan.changes {
        let mut after = of(&change.new)?;
        for digest in of(&change.old)? {
            match after.iter().position(|other| *other == digest) {
                Some(at) => after.swap_remove(at),
                None => return Ok(true),
            };
        }
    }
    Ok(false)
}

fn unnamed(unit: &Unit) -> Vec<(SectionId, Digest)> {
    let contents = Contents::new(unit);
    let all = unit.sections.iter().enumerate();
    all.filter(|(id, s)| s.kind.is_state() && s.size > 0 && unit.name_of(*id).is_none())
        .map(|(id, _)| (id, contents.section(id)))
        .collect()
}

/// The live address of an unnamed section of a unit that runs, read back from an instruction that refers to it; none
/// when no code or data that leads to it is in the program. An error when there is some that does not tell.
fn place(live: &Live, unit: &Unit, section: SectionId) -> Result<Option<i64>, ()> {
    let mut runs = false;
    for holder in holders(unit, section) {
        for symbol in unit.names_of(holder) {
            let function = live
                .function(unit, symbol)
                .filter(|_| unit.is_function(holder));
            if let Some(found) =
                function.and_then(|at| read_back(live, unit, (holder, at), section))
            {
                return Ok(Some(found));
            }
            runs |= function.is_some()
                || live.datum(unit, symbol).is_some()
                || live.thread_local(unit, symbol).is_some();
        }
    }
    match runs {
        true => Err(()),
        false => Ok(None),
    }
}

/// The live address of a section, as an instruction of a running function has it.
pub fn read_back(
    live: &Live,
    unit: &Unit,
    (function, at): (SectionId, i64),
    section: SectionId,
) -> Option<i64> {
    let r = reference(unit, function, section)?;
    if !runs_at(live, unit, function, at) {
        return None;
    }
    // R_X86_64_PC32 is S + A - P.
    let field = at.checked_add(i64::try_from(r.offset).ok()?)?;
    let value = i32::from_le_bytes(live.read(field, 4)?.try_into().ok()?);
    field.checked_add(i64::from(value))?.checked_sub(r.addend)
}

/// Named sections that lead to `section`, directly or through others without a name.
fn holders(unit: &Unit, section: SectionId) -> Vec<SectionId> {
    let mut reached = FxHashSet::from_iter([section]);
    let mut holders = Vec::new();
    loop {
        let before = reached.len();
        for id in 0..unit.sections.len() {
            let leads = unit.relocations(id).iter().any(|r| match unit.target(r) {
                Target::Section {
                    section, symbol, ..
                } => reached.contains(&section) && unit.called(section, symbol).is_none(),
                Target::Undefined(_) => false,
            });
            if !leads || reached.contains(&id) || holders.contains(&id) {
                continue;
            }
            match unit.name_of(id) {
                Some(_) => holders.push(id),
                None => {
                    reached.insert(id);
                }
            }
        }
        if reached.len() == before {
            return holders;
        }
    }
}

fn anonymous(unit: &Unit, section: SectionId) -> Reason {
    let subject = unit
        .sections
        .get(section)
        .map(|s| s.name.clone())
        .unwrap_or_default();
    Reason::new(
        "anonymous-static",
        subject,
        "A changed function uses mutable data that has no name (the inside of a static), and it cannot be told which running one it is.",
    )
}
