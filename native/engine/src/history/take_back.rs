//! Taking commits back: which go together, and what must be written to get to the state without them (`remaining`).

use super::dependents::with_dependents;
use super::remaining::{is_taken, needs_freed, without, words};
use super::Commit;
use crate::arch::x86_64;
use crate::diff::absence::{self, Absent};
use crate::diff::plan::{Change, Reported, Write};
use crate::live::{Live, State, SymbolKey, Turn};
use crate::reason::{demangled, Reason};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Which patch is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Newest,
    Number(u64),
}

/// Commits that can be taken back in one step.
pub struct TakeBack {
    /// Numbers of the patches, the newest first.
    pub patches: Vec<u64>,
    /// Functions that run older code again.
    pub functions: Vec<Reported>,
    pub turns: Vec<(SymbolKey, Turn)>,
    pub words: Vec<Write>,
    /// Where nothing in the process may point: values of layouts that would be others.
    pub absent: Vec<Absent>,
    commits: BTreeSet<usize>,
    /// Crate and name of the units that these replaced.
    names: BTreeSet<(String, String)>,
    after: State,
    /// Commits that there were when this was worked out.
    basis: usize,
}

/// A unit and the object that its running code is made from once more; none when it did not exist.
#[derive(Debug, Clone, Serialize)]
pub struct SetBack {
    #[serde(rename = "crate")]
    pub crate_id: String,
    pub unit: String,
    pub path: Option<PathBuf>,
}

type Refused = Vec<Reason>;

impl TakeBack {
    pub fn of(live: &Live, target: Target) -> Result<TakeBack, Refused> {
        let wanted = find(&live.history, target).ok_or_else(|| vec![nothing(target)])?;
        let mut taken = with_dependents(&live.history, BTreeSet::from([wanted]));
        let after = loop {
            let after = without(live, &taken);
            let Some(freed) = needs_freed(live, &after, &taken) else {
                break after;
            };
            taken.insert(freed);
            taken = with_dependents(&live.history, taken);
        };
        let patches = taken.iter().rev().filter_map(|&at| live.history.get(at));
        let mut plan = TakeBack {
            patches: patches
                .filter_map(|commit| Some(commit.patch.as_ref()?.number))
                .collect(),
            functions: Vec::new(),
            turns: Vec::new(),
            words: words(live, &taken, &after).ok_or_else(|| vec![unreadable()])?,
            absent: absent(live, &taken),
            names: names(&live.history, &taken),
            commits: taken,
            after,
            basis: live.history.len(),
        };
        plan.turn(live)?;
        Ok(plan)
    }

    /// Every process has it.
    ///
    /// # Errors
    /// When something was committed since it was worked out: it would not hold.
    pub fn commit(self, live: &mut Live) -> Result<(), String> {
        if live.history.len() != self.basis {
            return Err("The program was patched since this undo was planned.".into());
        }
        for &at in &self.commits {
            if let Some(commit) = live.history.get_mut(at) {
                commit.taken_back = true;
            }
        }
        live.now = self.after;
        Ok(())
    }

    /// The units that are set back.
    pub fn units(&self) -> Vec<SetBack> {
        let slots = |crate_id: &str, name: &str| self.after.crates.get(crate_id)?.get(name);
        self.names
            .iter()
            .map(|(crate_id, unit)| SetBack {
                path: slots(crate_id, unit).map(|slot| slot.path.clone()),
                crate_id: crate_id.clone(),
                unit: unit.clone(),
            })
            .collect()
    }

    fn turn(&mut self, live: &Live) -> Result<(), Refused> {
        let mut reasons = Vec::new();
        let mut done = BTreeSet::new();
        let commits = self.commits.iter();
        for commit in commits.filter_map(|&at| live.history.get(at)) {
            for (key, first) in set_back(live, commit) {
                if is_taken(live, &self.commits, first) || !done.insert(first) {
                    continue;
                }
                let to = self.after.running(first);
                if live.now.running(first) != to {
                    self.functions.push(restored(key));
                }
                let entries = live.own_entries(first);
                match turns(live, &entries, to, |entry| {
                    self.after.jumps.contains_key(&entry)
                }) {
                    Ok(turns) => self
                        .turns
                        .extend(turns.into_iter().map(|turn| (key.clone(), turn))),
                    Err(why) => reasons.push(cannot(key, why)),
                }
            }
        }
        self.functions
            .sort_by(|a, b| (&a.name, &a.symbol).cmp(&(&b.name, &b.symbol)));
        self.functions.dedup();
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(reasons)
        }
    }
}

/// What a commit redirected, by first entries: copies that go along have entries of their own.
fn set_back<'c>(live: &Live, commit: &'c Commit) -> Vec<(&'c SymbolKey, i64)> {
    let functions = commit.functions.iter();
    let functions = functions.map(|(key, function)| (key, function.first()));
    let copies = commit.along.iter().map(|copy| (&copy.key, copy.first));
    let with_followers = |(key, first): (&'c SymbolKey, i64)| {
        let leader = live.now.leader(first);
        let all = [first, leader].into_iter();
        all.chain(live.now.followers(leader))
            .map(move |first| (key, first))
    };
    functions.chain(copies).flat_map(with_followers).collect()
}

/// The turns, or why an entry cannot become a jump.
pub fn turns(
    live: &Live,
    entries: &[i64],
    to: i64,
    left: impl Fn(i64) -> bool,
) -> Result<Vec<Turn>, &'static str> {
    let turns = live
        .turns(entries, to, left)
        .ok_or("it cannot be reached from its earlier code")?;
    for turn in &turns {
        // A jump stands there already, or the entry gets its own bytes.
        if turn.to.is_none() || live.now.jumps.contains_key(&turn.at) {
            continue;
        }
        if let Some(why) = blocked(live, turn.at) {
            return Err(why);
        }
    }
    Ok(turns)
}

/// Why the entry of a function in a patch cannot become a jump. (The image's own are looked at by the differ.)
pub fn blocked(live: &Live, entry: i64) -> Option<&'static str> {
    x86_64::entry_hazard(live.block(entry)?)
}

pub fn restored(key: &SymbolKey) -> Reported {
    Reported {
        name: demangled(&key.name),
        symbol: key.name.clone(),
        change: Change::Restored,
    }
}

pub fn cannot(key: &SymbolKey, why: &str) -> Reason {
    let name = demangled(&key.name);
    Reason::new(
        "entry-not-patchable",
        name.clone(),
        format!("The entry of `{name}` cannot lead to earlier code: {why}."),
    )
}

fn names(history: &[Commit], taken: &BTreeSet<usize>) -> BTreeSet<(String, String)> {
    let commits = taken.iter().filter_map(|&at| history.get(at));
    commits
        .flat_map(|commit| &commit.units)
        .map(|unit| (unit.crate_id.clone(), unit.name.clone()))
        .collect()
}

/// What none of the old values was in, and all that came since, which none of the new values may be in.
fn absent(live: &Live, taken: &BTreeSet<usize>) -> Vec<Absent> {
    let commits = || taken.iter().filter_map(|&at| live.history.get(at));
    if !commits().any(|commit| commit.is_barrier) {
        return Vec::new();
    }
    let mut ranges = absence::earlier_patches(live);
    for range in commits().flat_map(|commit| &commit.absent) {
        let known = ranges.entry(range.start).or_insert_with(|| range.clone());
        known.end = known.end.max(range.end);
    }
    ranges.into_values().collect()
}

fn find(history: &[Commit], target: Target) -> Option<usize> {
    history.iter().rposition(|commit| {
        let number = commit.patch.as_ref().map(|patch| patch.number);
        !commit.taken_back
            && match target {
                Target::Newest => number.is_some(),
                Target::Number(wanted) => number == Some(wanted),
            }
    })
}

fn nothing(target: Target) -> Reason {
    let (subject, message) = match target {
        Target::Newest => (
            "undo".to_string(),
            "No patch is live that could be taken back.".to_string(),
        ),
        Target::Number(number) => (
            format!("patch {number}"),
            format!("There is no live patch {number}: it was taken back, or there never was one."),
        ),
    };
    Reason::new("nothing-to-undo", subject, message)
        .remedy("Look at the status for the live patches.")
}

fn unreadable() -> Reason {
    Reason::new(
        "internal-error",
        "undo",
        "A constant that the patch wrote cannot be read back.",
    )
}
