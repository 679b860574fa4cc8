//! Load: a patch image becomes memory of the program, mapped, relocated, protected, known to the unwinder, and without
//! any effect on what runs. Whatever fails leaves nothing behind.
#![forbid(unsafe_code)]

use std::fs;
use std::path::PathBuf;

use crate::arch::{self, JUMP};
use crate::debugger::{self, Announced};
use crate::edits::{Edits, Entry, Word};
use crate::image::{PatchImage, Relocation, Value};
use crate::landing::{self, Found};
use crate::os::dynamic;
use crate::os::library;
use crate::os::mapping::{KeptMapping, Mapping, Window};
use crate::os::memory::{Protection, Territory};
use crate::os::modules::{FrameTable, Listed};
use crate::os::slots::SLOT;
use crate::process::{self, Process, STATE};
use crate::refusal::{self, corrupt, foreign, Refusal};

/// A patch, invisible. Dropping it takes it away again.
pub struct LoadedPatch {
    /// None when there is nothing to be in memory: the patch only changes what is there.
    memory: Option<PatchMemory>,
    pub edits: Edits,
}

struct PatchMemory {
    // Fields are dropped in this order: unwinders forget the tables before their memory goes.
    listed: Option<Listed>,
    /// Start and end of what the program may write to.
    mutable: Vec<(usize, usize)>,
    file: SymbolFile,
    debuggers: Announced,
    mapping: Mapping,
}

impl LoadedPatch {
    /// Checks `image` against the process and brings it into memory. `data` is what `image` was read from.
    pub fn load(process: &Process, image: &PatchImage<'_>, data: &[u8]) -> Result<Self, Refusal> {
        let plan = &image.plan;
        if library::is_loaded_twice() {
            return Err(refusal::loaded_twice(&process.host.path));
        }
        if plan.build_id.is_empty() || plan.build_id != process.host.build_id {
            return Err(foreign(
                &plan.build_id,
                format_args!("the running image has build id `{}`", process.host.build_id),
            ));
        }
        if image.is_textless() {
            let edits = edits(process, image, process.host.bias)?;
            let memory = None;
            return Ok(Self { memory, edits });
        }
        let window = process
            .window
            .ok_or_else(|| refusal::address_range("no window is reserved"))?;
        let start = absolute(process, plan.distance)
            .filter(|start| window.contains(*start, image.size()))
            .ok_or_else(|| refusal::address_range("its place lies outside of the window"))?;
        let edits = edits(process, image, start)?;
        let memory = Some(PatchMemory::fill(process, &window, start, image, data)?);
        Ok(Self { memory, edits })
    }

    pub fn territory(&self, process: &Process) -> Territory {
        STATE.lock().territory(&process.host)
    }

    /// Start and end of its memory, if it has any.
    pub fn place(&self) -> Option<(usize, usize)> {
        let mapping = &self.memory.as_ref()?.mapping;
        Some((mapping.start(), mapping.start() + mapping.size()))
    }

    /// Keeps everything for the life of the process.
    pub fn keep(self, patch: u32) -> Option<process::PatchMemory> {
        let memory = self.memory?;
        Some(process::PatchMemory {
            patch,
            mutable: memory.mutable.clone(),
            mapping: memory.keep(),
            is_parked: false,
        })
    }
}

impl PatchMemory {
    fn fill(
        process: &Process,
        window: &Window,
        start: usize,
        image: &PatchImage<'_>,
        data: &[u8],
    ) -> Result<Self, Refusal> {
        let mut mapping = Mapping::new(window, start, image.size()).map_err(|error| {
            refusal::address_range(format_args!("its place cannot be used ({error})"))
        })?;
        fill(&mut mapping, image)?;
        protect(&mut mapping, image)?;
        let file = SymbolFile::write(process, window, start, data);
        let debuggers = Announced::announce(start, data, process.folder());
        let frames = image.frames.as_ref().map(|frames| FrameTable {
            address: start + frames.table.address,
            size: frames.table.size,
        });
        Ok(Self {
            mutable: mutable(image, start),
            listed: Listed::new(start, image.size(), frames),
            file,
            debuggers,
            mapping,
        })
    }

    fn keep(self) -> KeptMapping {
        if let Some(listed) = self.listed {
            listed.keep();
        }
        self.file.keep();
        self.debuggers.keep();
        self.mapping.keep()
    }
}

/// Where the sections of mutable data lie. What is said to lie outside of the image is cut off.
fn mutable(image: &PatchImage<'_>, bias: usize) -> Vec<(usize, usize)> {
    let size = image.size();
    let place = |(start, length): &(usize, usize)| {
        let end = start.saturating_add(*length).min(size);
        (bias + start.min(&end), bias + end)
    };
    image.mutable.iter().map(place).collect()
}

/// A plan's address relative to the host's load bias.
pub fn absolute(process: &Process, relative: i64) -> Option<usize> {
    process
        .host
        .bias
        .checked_add_signed(isize::try_from(relative).ok()?)
}

/// The plan's changes with absolute addresses, the new bytes worked out.
fn edits(process: &Process, image: &PatchImage<'_>, start: usize) -> Result<Edits, Refusal> {
    let plan = &image.plan;
    let attached = debugger::is_attached();
    let mut state = STATE.lock();
    let territory = state.territory(&process.host);
    // The first bytes of an entry, which is code and has the bytes that the patch expects.
    let first_bytes = |at: usize, (symbol, name): (&str, &str), expected: &[u8]| {
        let no_code = || corrupt(format!("`{symbol}` changes something that is no code"));
        if !state
            .code(&process.host)
            .any(|range| range.contains(at, JUMP))
        {
            return Err(no_code());
        }
        match landing::compare(&state.landings, &territory, at, expected, attached) {
            Found::Expected => expected.first_chunk::<JUMP>().copied().ok_or_else(no_code),
            Found::Breakpoint => Err(refusal::breakpoint(name)),
            Found::Other => Err(foreign(
                symbol,
                format_args!("`{symbol}` has other bytes than the patch expects"),
            )),
        }
    };
    let mut entries = Vec::with_capacity(plan.redirects.len() + plan.restores.len());
    for redirect in &plan.redirects {
        let no_code = || {
            corrupt(format!(
                "`{}` redirects something that is no code",
                redirect.symbol
            ))
        };
        let at = absolute(process, redirect.old).ok_or_else(no_code)?;
        let old = first_bytes(at, (&redirect.symbol, &redirect.name), &redirect.bytes)?;
        let target = usize::try_from(redirect.new)
            .ok()
            .and_then(|new| start.checked_add(new));
        let new = target.and_then(|target| arch::jump(at, target));
        let new =
            new.ok_or_else(|| refusal::address_range("a function is further than 2 GiB away"))?;
        entries.push(Entry { at, old, new });
    }
    for restore in &plan.restores {
        let no_bytes = || corrupt(format!("`{}` has no bytes to be restored", restore.symbol));
        let at = absolute(process, restore.at).ok_or_else(no_bytes)?;
        let old = first_bytes(at, (&restore.symbol, &restore.name), &restore.bytes)?;
        let new = *restore.original.first_chunk().ok_or_else(no_bytes)?;
        entries.push(Entry { at, old, new });
    }
    entries.sort_by_key(|entry| entry.at);
    if entries
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if b.at - a.at < JUMP))
    {
        return Err(corrupt("two functions to be redirected overlap"));
    }
    let mut words = Vec::with_capacity(plan.writes.len());
    for write in &plan.writes {
        let at = absolute(process, write.at);
        // The whole word is stored, so all of it must be there.
        let at = at.filter(|at| territory.range(at & !7, 8).is_some());
        let at = at.ok_or_else(|| {
            corrupt(format!(
                "the constant `{}` is not in the program",
                write.symbol
            ))
        })?;
        words.push(Word {
            at,
            old: write.old.clone(),
            new: write.new.clone(),
        });
    }
    let in_window = |target| {
        process
            .window
            .is_some_and(|window| window.contains(target, 1))
    };
    let edits = Edits { entries, words };
    Ok(landing::lead(edits, &mut state.landings, in_window))
}

/// Copies the segments and fills in the relocations.
fn fill(mapping: &mut Mapping, image: &PatchImage<'_>) -> Result<(), Refusal> {
    let bias = mapping.start();
    let memory = mapping
        .bytes_mut()
        .ok_or_else(|| corrupt("its memory is in use"))?;
    for segment in &image.segments {
        let contents = image.contents(segment);
        let to = memory.get_mut(segment.address..segment.address + contents.len());
        to.ok_or_else(|| corrupt("a segment is too long"))?
            .copy_from_slice(contents);
    }
    for relocation in &image.relocations {
        let value = value(relocation, bias, image)?;
        let to = memory.get_mut(relocation.place..relocation.place + 8);
        to.ok_or_else(|| corrupt("a relocation lies outside"))?
            .copy_from_slice(&value.to_le_bytes());
    }
    Ok(())
}

/// The word that a relocation asks for; formulas in [`crate::image`].
fn value(relocation: &Relocation<'_>, bias: usize, image: &PatchImage<'_>) -> Result<u64, Refusal> {
    let base = match relocation.value {
        Value::Bias => bias as u64,
        Value::Import { name, weak } => match dynamic::find(name) {
            Some(address) => address as u64,
            None if weak => 0,
            None => return Err(refusal::unresolved(&String::from_utf8_lossy(name))),
        },
        Value::ThreadLocals => {
            let tls = image
                .plan
                .tls
                .ok_or_else(|| corrupt("it has no thread-locals of its own"))?;
            arch::pool_offset().wrapping_add_unsigned(tls.offset) as u64
        }
    };
    Ok(base.wrapping_add_signed(relocation.addend))
}

fn protect(mapping: &mut Mapping, image: &PatchImage<'_>) -> Result<(), Refusal> {
    for segment in &image.segments {
        let protection = Protection::of_segment(segment.final_flags());
        mapping
            .protect(segment.address, segment.size, protection)
            .map_err(|error| refusal::memory("the patch's own memory", &error))?;
    }
    Ok(())
}

/// The image as a file, under the name by which its slot is announced, for symbolizers and debuggers. Without it the
/// patch runs all the same, so an error is no reason to refuse. Removed when dropped.
struct SymbolFile(Option<PathBuf>);

impl SymbolFile {
    fn write(process: &Process, window: &Window, start: usize, data: &[u8]) -> Self {
        let offset = start - window.start;
        if !offset.is_multiple_of(SLOT) {
            return Self(None);
        }
        let path = process.slot_file(offset / SLOT);
        // Written aside and renamed: a reader, or another process of the family with the same patch, never sees a part.
        let aside = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = fs::write(&aside, data).and_then(|()| fs::rename(&aside, &path));
        Self(written.is_ok().then_some(path))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for SymbolFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
