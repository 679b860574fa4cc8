//! Writes the patch image: gather the blocks (`graph`, `resolve`), count what addresses need (`tables`), lay out
//! (`elf`), relocate (`relocate`), unwind tables (`unwind`), debug sections (`debug`), write (`elf`).

pub mod debug;
pub mod elf;
pub mod graph;
pub mod manifest;
pub mod relocate;
pub mod resolve;
pub mod tables;
pub mod unwind;

use crate::diff::plan::{Change, PatchPlan, Reported, Status};
use crate::format::archive::Archives;
use crate::format::unit::{Kind, SymbolKind};
use crate::format::Elf;
use crate::live::{Live, LiveFunction, PatchMemory, SymbolKey};
use crate::reason::{demangled, Reason};
use elf::{BlockKind, BlockSpec, Contents, ImageSpec, Import, Layout, SymbolSpec};
use graph::{damaged, Graph};
use object::SectionIndex;
use resolve::Resolver;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::Path;
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
pub struct Linked {
    pub bytes: Vec<u8>,
    /// Bytes that the image takes in the window.
    pub memory_size: u64,
    pub tls_used: u64,
    pub added: Vec<Reported>,
    pub functions: FxHashMap<SymbolKey, LiveFunction>,
    pub data: FxHashMap<SymbolKey, i64>,
    pub threads: FxHashMap<SymbolKey, i64>,
    pub memory: PatchMemory,
    /// Jumps that now stand at old entries.
    pub jumps: Vec<(i64, [u8; 5])>,
}

pub fn link(
    live: &Live,
    plan: &PatchPlan,
    at: Placement,
    libraries: &FxHashSet<String>,
    archives: &mut Archives,
) -> Result<Linked, Vec<Reason>> {
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
        blocks: blocks(&graph, &tables),
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
        symbols: symbols(&graph),
        build_id: format!("{} {}", live.host.build_id, at.patch).into_bytes(),
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
    let (redirects, jumps) = manifest::redirects(live, plan, &graph, &layout, at.offset)?;
    let manifest = manifest::json(live, plan, at, tls.map(|t| (tls_base, t)), &redirects);
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
        memory_size: layout.memory_size(),
        tls_used: tls_end,
        added: Vec::new(),
        functions: FxHashMap::default(),
        data: FxHashMap::default(),
        threads: FxHashMap::default(),
        memory: PatchMemory {
            base: at.offset,
            blocks: Vec::new(),
        },
        jumps,
    };
    record(&graph, plan, &addresses, &mut linked);
    linked.memory.blocks = relocated
        .blocks
        .into_iter()
        .enumerate()
        .filter_map(|(id, bytes)| Some((layout.block(id)?, bytes)))
        .collect();
    Ok(linked)
}

fn blocks(graph: &Graph, tables: &Tables) -> Vec<BlockSpec> {
    let mut blocks: Vec<BlockSpec> = graph
        .blocks
        .iter()
        .map(|block| {
            let unit = &graph.units[block.unit];
            let section = &unit.sections[block.section];
            let holds_address = unit
                .relocations(block.section)
                .iter()
                .any(resolve::is_absolute);
            let kind = match section.kind {
                Kind::Text => BlockKind::Text,
                Kind::ExceptTable => BlockKind::ExceptTable,
                Kind::ReadOnly if !holds_address => BlockKind::ReadOnly,
                Kind::Data | Kind::InitArray => BlockKind::Data,
                Kind::Bss => BlockKind::Bss,
                Kind::TlsData => BlockKind::TlsData,
                Kind::TlsBss => BlockKind::TlsBss,
                Kind::ReadOnly | Kind::Relro | Kind::Other => BlockKind::Relro,
            };
            // A function in a patch is replaced one day as well: its entry needs room for a jump.
            let (size, align) = match kind {
                BlockKind::Text => (
                    section.size.next_multiple_of(relocate::ROOM),
                    section.align.max(relocate::ROOM),
                ),
                _ => (section.size, section.align),
            };
            BlockSpec {
                name: section.name.clone(),
                kind,
                size,
                align,
            }
        })
        .collect();
    blocks.extend(tables.stubs.iter().map(|_| BlockSpec {
        name: "import stub".into(),
        kind: BlockKind::Text,
        size: 6,
        align: 16,
    }));
    blocks.extend(tables.slots.iter().map(|_| BlockSpec {
        name: "address slot".into(),
        kind: BlockKind::Got,
        size: 8,
        align: 8,
    }));
    blocks
}

fn symbols(graph: &Graph) -> Vec<SymbolSpec> {
    let mut symbols = Vec::new();
    for (id, block) in graph.blocks.iter().enumerate() {
        let unit = &graph.units[block.unit];
        let Some(symbol) = unit.name_of(block.section) else {
            continue;
        };
        let kind = match symbol.kind {
            SymbolKind::Function => elf::SymbolKind::Function,
            SymbolKind::Tls => elf::SymbolKind::Tls,
            _ => elf::SymbolKind::Object,
        };
        symbols.push(SymbolSpec {
            name: symbol.name.clone(),
            block: id,
            offset: 0,
            size: unit.sections[block.section].size,
            kind,
        });
    }
    symbols
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

/// What will be live once every process has the patch.
fn record(
    graph: &Graph,
    plan: &PatchPlan,
    addresses: &relocate::Addresses<'_>,
    linked: &mut Linked,
) {
    for (id, block) in graph.blocks.iter().enumerate() {
        let unit = &graph.units[block.unit];
        let Some(address) = addresses.live(id) else {
            continue;
        };
        for symbol in unit.names_of(block.section) {
            let key = SymbolKey::of(unit, symbol);
            match unit.sections[block.section].kind {
                // Equal code stands in the patch for the sake of another name; this one is still the running one.
                Kind::Text if matches!(plan.status.get(&key), Some(Status::Same(Some(_)))) => {}
                Kind::Text => {
                    let mut entries = match plan.status.get(&key) {
                        Some(Status::Changed(entries)) => entries.clone(),
                        _ => {
                            linked.added.push(Reported {
                                name: demangled(&symbol.name),
                                symbol: symbol.name.clone(),
                                change: Change::New,
                            });
                            Vec::new()
                        }
                    };
                    entries.push(address);
                    linked
                        .functions
                        .insert(key, LiveFunction { address, entries });
                }
                kind if kind.is_tls() => {
                    linked
                        .threads
                        .extend(addresses.thread_offset(id, 0).map(|offset| (key, offset)));
                }
                _ => {
                    linked.data.insert(key, address);
                }
            }
        }
    }
    linked.added.sort_by(|a, b| a.name.cmp(&b.name));
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
