//! Unload: patches in which nothing is current, and which nothing can reach any more, give their memory back.
//!
//! They are parked: their bytes move to a file, from which they are mapped again. So it is a matter of memory alone, not
//! of soundness, that the search ([`crate::reach`]) cannot see everything: a thread that comes to a parked function
//! after all finds it as it was, with its unwind tables, and leads on to the version that was current when it was parked.
//! What a patch has of mutable data stays where it is.
#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::arch;
use crate::debugger;
use crate::os::fork;
use crate::os::parking::ParkingFile;
use crate::process::{not_the_programs, Process, State, STATE};
use crate::protocol::messages::{KeptPatch, Unload, Unloaded, UnloadedPatch};
use crate::reach::{search, Candidate};

/// Where unloaded patches go. Made at the first need.
pub struct Parking {
    folder: Option<PathBuf>,
    file: Option<ParkingFile>,
}

impl Parking {
    pub fn new(folder: Option<&str>) -> Self {
        Self {
            folder: folder.map(PathBuf::from),
            file: None,
        }
    }

    fn file(&mut self) -> Result<&ParkingFile, String> {
        let folder = self.folder.as_ref();
        let folder = folder.ok_or("there is no folder for parking")?;
        if self.file.is_none() {
            let made = ParkingFile::make(folder);
            self.file = Some(made.map_err(|error| {
                format!("no file can be made in {} ({error})", folder.display())
            })?);
        }
        self.file.as_ref().ok_or_else(String::new)
    }
}

/// Parks those of the patches that nothing reaches.
pub fn unload(process: &Process, parking: &mut Parking, unload: &Unload) -> Unloaded {
    let mut answer = Unloaded {
        unloaded: Vec::new(),
        kept: Vec::new(),
    };
    let asked: HashSet<u32> = unload.patches.iter().copied().collect();
    let mut candidates = candidates(&STATE.lock(), &asked);
    // What is not here, or is parked, takes no memory.
    let here: HashSet<u32> = candidates.iter().map(|one| one.patch).collect();
    for patch in asked.difference(&here) {
        answer.unloaded.push(UnloadedPatch {
            patch: *patch,
            bytes: 0,
        });
    }
    if !candidates.is_empty() {
        note_entries(process, &mut candidates);
        if let Err(error) = search(&mut candidates, &not_the_programs()) {
            for candidate in &mut candidates {
                let by = || format!("the program's memory could not be searched ({error})");
                candidate.held_by.get_or_insert_with(by);
            }
        }
    }
    for candidate in candidates {
        let bytes = constant_bytes(&candidate);
        let parked = match &candidate.held_by {
            Some(by) => Err(by.clone()),
            None => park(process, parking, &candidate),
        };
        let patch = candidate.patch;
        match parked {
            Ok(()) => answer.unloaded.push(UnloadedPatch { patch, bytes }),
            Err(by) => answer.kept.push(KeptPatch { patch, bytes, by }),
        }
    }
    answer.unloaded.sort_by_key(|one| one.patch);
    answer.kept.sort_by_key(|one| one.patch);
    answer
}

fn candidates(state: &State, asked: &HashSet<u32>) -> Vec<Candidate> {
    state
        .memory
        .iter()
        .filter(|memory| asked.contains(&memory.patch) && !memory.is_parked)
        .map(|memory| Candidate {
            patch: memory.patch,
            start: memory.mapping.start,
            end: memory.mapping.end,
            held_by: None,
        })
        .collect()
}

/// A function that still leads into a candidate holds it, unless it is in one itself, or in one that is parked.
fn note_entries(process: &Process, candidates: &mut [Candidate]) {
    let state = STATE.lock();
    let territory = state.territory(&process.host);
    let gone: Vec<(usize, usize)> = candidates
        .iter()
        .map(|one| (one.start, one.end))
        .chain(state.parked().map(|range| (range.start, range.end)))
        .collect();
    for entry in state.live.iter().flat_map(|live| &live.edits.entries) {
        let is_gone = |place: &(usize, usize)| (place.0..place.1).contains(&entry.at);
        let mut now = [0; arch::JUMP];
        if gone.iter().any(is_gone) || !territory.read(entry.at, &mut now) {
            continue;
        }
        let landing = state.landings.target(entry.at);
        let Some(target) = landing.or_else(|| arch::jump_target(entry.at, now)) else {
            continue;
        };
        for candidate in candidates.iter_mut() {
            if (candidate.start..candidate.end).contains(&target) {
                let by = || format!("the function at {:#x}, which leads there", entry.at);
                candidate.held_by.get_or_insert_with(by);
            }
        }
    }
}

fn constant_bytes(candidate: &Candidate) -> u64 {
    let state = STATE.lock();
    let of_patch = |patch| state.memory.iter().find(move |one| one.patch == patch);
    of_patch(candidate.patch).map_or(0, |memory| memory.mapping.constant_bytes())
}

fn park(process: &Process, parking: &mut Parking, candidate: &Candidate) -> Result<(), String> {
    let file = parking.file()?;
    let window = process.window.ok_or("there is no window")?;
    let failed = |error: io::Error| format!("its parking file ({error})");
    {
        let mut state = STATE.lock();
        let memory = state
            .memory
            .iter_mut()
            .find(|one| one.patch == candidate.patch)
            .ok_or("it is not here")?;
        memory.mapping.park(&window, file).map_err(failed)?;
        memory.is_parked = true;
        let (start, end) = (candidate.start, candidate.end);
        state.landings.park(start, end, process.folder());
    }
    debugger::forget(candidate.start);
    // A forked child uses the same files.
    if !fork::has_forked() {
        let slot = (candidate.start - window.start) / crate::os::slots::SLOT;
        let _ = fs::remove_file(process.slot_file(slot));
    }
    Ok(())
}
