//! Writes the patch image: gather the blocks (`graph`, `resolve`), count what addresses need (`tables`), lay out
//! (`elf`), relocate (`relocate`), unwind tables (`unwind`), debug sections (`debug`), write (`elf`).

mod anonymous;
mod blocks;
pub mod debug;
pub mod elf;
mod function_tables;
pub mod graph;
pub mod manifest;
mod places;
mod record;
pub mod relocate;
pub mod resolve;
pub mod tables;
pub mod textless;
pub mod unwind;

use crate::diff::plan::{PatchPlan, Reported};
use crate::diff::registration;
use crate::format::archive::Archives;
use crate::format::unit::Kind;
use crate::format::Elf;
use crate::history::{self, Reach, TakeBack};
use crate::live::{Live, LiveFunction, PatchMemory, SymbolKey};
use crate::reason::Reason;
use elf::{Contents, ImageSpec, Import, Layout};
use graph::{damaged, Graph};
use manifest::{Effects, Jumps, Restored, Tls};
use object::SectionIndex;
use resolve::Resolver;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tables::Tables;
use unwind::{Frames, Placed};

/// Where the patch will lie and what it may use there.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    pub patch: u64,
    /// Live address of the image's first byte.
    pub offset: i64,
    /// Offset of the reserved thread-local pool from the thread pointer, its size, and how much of it is taken.
    pub tls_offset: i64,
    pub tls_size: u64,
    pub tls_used: u64,
}

/// A linked patch and what becomes live with it.
#[derive(Default)]
pub struct Linked {
    pub bytes: Vec<u8>,
    pub number: u64,
    pub tls_used: u64,
    pub added: Vec<Reported>,
    pub notes: Vec<String>,
    pub functions: Vec<(SymbolKey, LiveFunction)>,
    pub data: Vec<(SymbolKey, i64)>,
    pub threads: Vec<(SymbolKey, i64)>,
    /// None for an image that is not loaded, because nothing in it is.
    pub memory: Option<PatchMemory>,
    /// Its own part of the thread-local pool: offsets from the thread pointer.
    pub thread_range: Range<i64>,
    /// Entries and where they lead.
    pub jumps: Jumps,
    /// Objects that its blocks were lifted from, and what it refers to outside of itself.
    pub sources: FxHashSet<PathBuf>,
    pub refers: Reach,
}

impl Linked {
    /// Bytes that the image takes in the window.
    pub fn memory_size(&self) -> u64 {
        self.memory.as_ref().map_or(0, |memory| memory.size)
    }
}

pub fn link(
    live: &Live,
    plan: &PatchPlan,
    at: Placement,
    libraries: &FxHashSet<String>,
    archives: &mut Archives,
) -> Result<Linked, Vec<Reason>> {
    let (restores, turned) = restores(live, plan)?;
    if plan.roots.is_empty() {
        let effects = Effects {
            restores: &restores,
            writes: &plan.writes,
            absent: &plan.absent,
            ..Effects::default()
        };
        let bytes =
            textless::image(live, at.patch, at.offset, &effects).map_err(|reason| vec![reason])?;
        return Ok(Linked {
            bytes,
            number: at.patch,
            tls_used: at.tls_used,
            functions: restored(plan),
            jumps: turned,
            ..Linked::default()
        });
    }
    let one = |reason: Reason| vec![reason];
    let mut resolver = Resolver::new(live, plan, libraries, archives);
    let graph = Graph::build(&plan.roots, &mut resolver)?;
    let imports = std::mem::take(&mut resolver.imports);
    let elves = graph.elves().map_err(one)?;
    let frames: Vec<Frames<'_>> = elves
        .iter()
        .map(Frames::read)
        .collect::<Result<_, _>>()
        .map_err(|e| one(damaged(e)))?;
    let chosen = graph.frames(&frames);

    let personalities: FxHashSet<&str> =
        chosen.iter().filter_map(|(_, f)| f.personality()).collect();
    let tables = Tables::count(&graph, live, libraries, imports, &personalities)?;
    let mut spec = ImageSpec {
        blocks: blocks::blocks(&graph, &tables),
        imports: tables
            .imports
            .iter()
            .map(|i| Import {
                name: i.name.clone(),
                weak: i.weak,
            })
            .collect(),
        relative_relocations: tables.relative,
        other_relocations: tables.other,
        eh_frame_size: unwind::size(chosen.iter().map(|(_, f)| *f)),
        frames: chosen.len(),
        text_floor: 0,
        symbols: blocks::symbols(&graph),
        build_id: build_id(live, at.patch),
    };
    // Debug information of the workspace's own units travels along; that of library members would be far larger than
    // the patch.
    let own = |unit: usize| {
        graph
            .units
            .get(unit)
            .is_some_and(|u| u.path.extension().is_some_and(|e| e == "o"))
    };
    for (id, elf) in elves.iter().enumerate().filter(|(id, _)| own(*id)) {
        let reach = debug::reach(elf, |section| graph.find(id, section.0).is_some());
        spec.text_floor = spec.text_floor.max(reach);
    }
    let layout = Layout::new(&spec).map_err(|e| one(damaged(e)))?;
    // What a loader announces is as little to be believed as an object: sums past the end are past any room.
    let tls_base = at
        .tls_used
        .checked_next_multiple_of(64)
        .unwrap_or(at.tls_used);
    let tls = layout.tls();
    let tls_end = tls_base.saturating_add(tls.map_or(0, |t| t.mem_size));
    let thread = at.tls_offset.checked_add_unsigned(tls_base);
    if tls.is_some() && (tls_end > at.tls_size || thread.is_none()) {
        return Err(one(Reason::new(
            "thread-locals-exhausted",
            "thread_local!",
            format!("The new thread-locals need {tls_end} bytes of the {} that the loader reserves in each thread.", at.tls_size),
        )));
    }

    let addresses = relocate::Addresses {
        layout: &layout,
        distance: at.offset,
        thread: thread.unwrap_or_default(),
        tls: tls.map_or(0, |t| t.address),
    };
    let relocated = relocate::relocate(&graph, &tables, &addresses)?;
    let eh_frame = eh_frame(&graph, &layout, &chosen, &tables).map_err(one)?;
    let debug = debug_sections(&graph, &elves, &layout, &own, at.offset, live).map_err(one)?;
    let (redirects, mut jumps) = manifest::redirects(live, plan, &graph, &layout, at.offset)?;
    jumps.extend(turned);
    let effects = Effects {
        redirects: &redirects,
        restores: &restores,
        writes: &plan.writes,
        absent: &plan.absent,
        tls: tls.map(|image| Tls::of(at, tls_base, image)),
    };
    let manifest = manifest::json(&live.host.build_id, at.patch, at.offset, &effects);
    let contents: Vec<&[u8]> = relocated.blocks.iter().map(Vec::as_slice).collect();
    let bytes = elf::write(
        &spec,
        &layout,
        &Contents {
            blocks: &contents,
            relocations: &relocated.dynamic,
            eh_frame: &eh_frame.bytes,
            frames: &eh_frame.rows,
            debug: &debug,
            plan: manifest.as_bytes(),
        },
    )
    .map_err(|e| one(damaged(e)))?;
    let mut linked = Linked {
        bytes,
        number: at.patch,
        tls_used: tls_end,
        functions: restored(plan),
        thread_range: at.tls_offset.saturating_add_unsigned(tls_base)
            ..at.tls_offset.saturating_add_unsigned(tls_end),
        jumps,
        ..Linked::default()
    };
    record::record(&graph, plan, &addresses, &mut linked);
    linked.notes = registration::brought(live, &plan.unlinked, &linked.sources)
        .map_err(|e| one(damaged(e)))?;
    let places = places::Places::of(&spec, &layout, at.offset);
    linked.memory = Some(PatchMemory {
        tables: places.tables(live, &relocated.dynamic),
        code: places.code,
        base: at.offset,
        size: layout.memory_size(),
        blocks: relocated
            .blocks
            .into_iter()
            .enumerate()
            .filter_map(|(id, bytes)| Some((layout.block(id)?, bytes)))
            .collect(),
    });
    Ok(linked)
}

/// The image that takes patches back.
pub fn taking_back(
    live: &Live,
    plan: &TakeBack,
    patch: u64,
    offset: i64,
) -> Result<Vec<u8>, Reason> {
    let restores: Vec<Restored> = plan
        .turns
        .iter()
        .map(|(key, turn)| Restored::of(key, turn))
        .collect();
    let effects = Effects {
        restores: &restores,
        writes: &plan.words,
        absent: &plan.absent,
        ..Effects::default()
    };
    textless::image(live, patch, offset, &effects)
}

/// Debuggers take images with one id for one image, so each patch has its own.
fn build_id(live: &Live, patch: u64) -> Vec<u8> {
    format!("{} {patch}", live.host.build_id).into_bytes()
}

fn restored(plan: &PatchPlan) -> Vec<(SymbolKey, LiveFunction)> {
    let functions = plan.restores.iter().map(|restore| {
        let (address, entries) = (restore.to, restore.entries.clone());
        (restore.key.clone(), LiveFunction { address, entries })
    });
    functions.collect()
}

/// What the entries of restored functions get.
fn restores(live: &Live, plan: &PatchPlan) -> Result<(Vec<Restored>, Jumps), Vec<Reason>> {
    let (mut restores, mut jumps, mut reasons) = (Vec::new(), Jumps::new(), Vec::new());
    let current: FxHashSet<i64> = live.now.current.values().copied().collect();
    for restore in &plan.restores {
        match history::turns(live, &restore.entries, restore.to, |entry| {
            current.contains(&entry)
        }) {
            Ok(turns) => {
                restores.extend(turns.iter().map(|turn| Restored::of(&restore.key, turn)));
                jumps.extend(turns.iter().map(|turn| (turn.at, turn.to)));
            }
            Err(why) => reasons.push(history::cannot(&restore.key, why)),
        }
    }
    if reasons.is_empty() {
        Ok((restores, jumps))
    } else {
        Err(reasons)
    }
}

fn eh_frame(
    graph: &Graph,
    layout: &Layout,
    chosen: &[(usize, &unwind::Frame<'_>)],
    tables: &Tables,
) -> Result<unwind::EhFrame, Reason> {
    let mut placed = Vec::with_capacity(chosen.len());
    for (id, frame) in chosen {
        let lsda = frame.lsda.and_then(|l| {
            let table = graph.find(graph.blocks[*id].unit, l.section.0)?;
            layout.block(table)?.checked_add(l.offset)
        });
        let end = frame.offset.checked_add(frame.size);
        if end.is_none_or(|end| end > graph.size(*id)) {
            return Err(damaged("an unwind entry reaches past its function"));
        }
        placed.push(Placed {
            frame,
            address: layout.block(*id).unwrap_or_default() + frame.offset,
            lsda,
        });
    }
    let first = graph.blocks.len() + tables.stubs.len();
    unwind::emit(&placed, layout.eh_frame(), |name| {
        layout.block(first + tables.personality(name)?)
    })
    .map_err(damaged)
}

fn debug_sections(
    graph: &Graph,
    elves: &[Elf<'_>],
    layout: &Layout,
    own: &dyn Fn(usize) -> bool,
    distance: i64,
    live: &Live,
) -> Result<Vec<elf::NamedSection>, Reason> {
    let tls = layout.tls().map_or(0, |t| t.address);
    let address = |unit: usize, section: SectionIndex| -> Option<u64> {
        let of = graph.units.get(unit)?;
        let kind = of.sections.get(section.0)?.kind;
        match graph.find(unit, section.0) {
            Some(block) => {
                let at = layout.block(block)?;
                Some(if kind.is_tls() {
                    at.wrapping_sub(tls)
                } else {
                    at
                })
            }
            None if kind == Kind::Text || kind.is_tls() => None,
            None => Some(
                live.datum(of, of.name_of(section.0)?)?
                    .wrapping_sub(distance) as u64,
            ),
        }
    };
    type Lookup<'l> = Box<dyn Fn(SectionIndex) -> Option<u64> + 'l>;
    let lookups: Vec<(usize, Lookup<'_>)> = (0..elves.len())
        .filter(|id| own(*id))
        .map(|id| {
            (
                id,
                Box::new(move |section| address(id, section)) as Box<dyn Fn(_) -> _>,
            )
        })
        .collect();
    let contributions: Vec<debug::Contribution<'_, '_>> = lookups
        .iter()
        .map(|(id, lookup)| debug::Contribution {
            elf: &elves[*id],
            name: &graph.units[*id].name,
            address: lookup,
        })
        .collect();
    debug::collect(&contributions).map_err(damaged)
}

/// Names that the loader will find in the process's shared libraries.
pub fn library_exports(paths: &[impl AsRef<Path>]) -> FxHashSet<String> {
    // A library that vanished from disk is no reason to fail: what only it has will be reported as unresolved.
    paths
        .iter()
        .filter_map(|p| crate::format::shared_library::exports(p.as_ref()).ok())
        .flatten()
        .collect()
}
