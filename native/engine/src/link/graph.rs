//! Which blocks the patch consists of: everything that the redirected functions need and the program does not have.
//!
//! A *block* is one section of one object, lifted out of it. Edges are its relocations; each ends in another block of
//! the patch, in something that lives in the program, or in an import.

use super::resolve::{Place, Resolver};
use crate::format::unit::{Kind, SectionId, Unit};
use crate::format::Elf;
use crate::link::unwind::{Frame, Frames};
use crate::reason::{demangled, Reason};
use object::SectionIndex;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::collections::BTreeSet;
use std::sync::Arc;

pub type BlockId = usize;

/// Units are numbered in the order in which the patch comes to need them.
pub type UnitId = usize;

#[derive(Debug, Clone)]
pub struct Block {
    pub unit: UnitId,
    pub section: SectionId,
    /// One place per relocation of the section, in their order.
    pub edges: Vec<Place>,
}

#[derive(Default)]
pub struct Graph {
    pub units: Vec<Arc<Unit>>,
    pub blocks: Vec<Block>,
    ids: FxHashMap<(UnitId, SectionId), BlockId>,
    unit_ids: FxHashMap<*const Unit, UnitId>,
    queue: Vec<BlockId>,
    /// Exception tables by function, per unit.
    pads: FxHashMap<UnitId, FxHashMap<SectionId, Vec<SectionId>>>,
}

impl Graph {
    /// Follows all edges from `roots`. Every symbol that cannot be found is a reason of its own.
    pub fn build(
        roots: &[(Arc<Unit>, SectionId)],
        resolver: &mut Resolver<'_>,
    ) -> Result<Graph, Vec<Reason>> {
        let mut graph = Graph::default();
        let mut reasons = Vec::new();
        for (unit, section) in roots {
            graph.block(unit, *section);
        }
        while let Some(id) = graph.queue.pop() {
            let (unit, section) = (
                graph.units[graph.blocks[id].unit].clone(),
                graph.blocks[id].section,
            );
            let wanted_by = unit.name_of(section).map_or_else(
                || unit.sections[section].name.clone(),
                |s| demangled(&s.name),
            );
            let mut edges = Vec::with_capacity(unit.relocations(section).len());
            for relocation in unit.relocations(section) {
                match resolver.place(&mut graph, &unit, relocation, &wanted_by) {
                    Ok(place) => edges.push(place),
                    Err(reason) => {
                        reasons.push(reason);
                        edges.push(Place::Nothing);
                    }
                }
            }
            graph.blocks[id].edges = edges;
            if unit.sections[section].kind == Kind::Text {
                if let Err(reason) = graph.add_landing_pads(&unit, section) {
                    reasons.push(reason);
                }
            }
        }
        reasons.sort_by(|a, b| {
            (a.code, &a.subject, &a.message).cmp(&(b.code, &b.subject, &b.message))
        });
        reasons.dedup();
        if reasons.is_empty() {
            Ok(graph)
        } else {
            Err(reasons)
        }
    }

    /// The block for a section, queued for its edges when it is new.
    pub fn block(&mut self, unit: &Arc<Unit>, section: SectionId) -> BlockId {
        let unit_id = self.unit(unit);
        if let Some(&id) = self.ids.get(&(unit_id, section)) {
            return id;
        }
        let id = self.blocks.len();
        self.blocks.push(Block {
            unit: unit_id,
            section,
            edges: Vec::new(),
        });
        self.ids.insert((unit_id, section), id);
        self.queue.push(id);
        id
    }

    pub fn find(&self, unit: UnitId, section: SectionId) -> Option<BlockId> {
        self.ids.get(&(unit, section)).copied()
    }

    fn unit(&mut self, unit: &Arc<Unit>) -> UnitId {
        let units = &mut self.units;
        *self.unit_ids.entry(Arc::as_ptr(unit)).or_insert_with(|| {
            units.push(unit.clone());
            units.len() - 1
        })
    }

    /// A function's exception table hangs on its unwind entry, not on a relocation of its own.
    fn add_landing_pads(&mut self, unit: &Arc<Unit>, section: SectionId) -> Result<(), Reason> {
        let id = self.unit(unit);
        let pads = match self.pads.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(landing_pads(unit)?),
        };
        let tables = pads.get(&section).cloned().unwrap_or_default();
        for table in tables {
            self.block(unit, table);
        }
        Ok(())
    }

    pub fn kind(&self, id: BlockId) -> Kind {
        let block = &self.blocks[id];
        self.units[block.unit].sections[block.section].kind
    }

    /// Bytes.
    pub fn size(&self, id: BlockId) -> u64 {
        let block = &self.blocks[id];
        self.units[block.unit].sections[block.section].size
    }

    pub fn elves(&self) -> Result<Vec<Elf<'_>>, Reason> {
        self.units
            .iter()
            .map(|unit| unit.elf().map_err(damaged))
            .collect()
    }

    /// The unwind entries of all functions in the patch, with the block of each.
    pub fn frames<'f, 'd>(&self, frames: &'f [Frames<'d>]) -> Vec<(BlockId, &'f Frame<'d>)> {
        let texts: BTreeSet<BlockId> = (0..self.blocks.len())
            .filter(|&b| self.kind(b) == Kind::Text)
            .collect();
        texts
            .into_iter()
            .flat_map(|id| {
                let block = &self.blocks[id];
                frames[block.unit]
                    .of(SectionIndex(block.section))
                    .iter()
                    .map(move |frame| (id, frame))
            })
            .collect()
    }
}

fn landing_pads(unit: &Unit) -> Result<FxHashMap<SectionId, Vec<SectionId>>, Reason> {
    let elf = unit.elf().map_err(damaged)?;
    let frames =
        Frames::read(&elf).map_err(|e| damaged(format!("{}: {e}", unit.path.display())))?;
    let mut pads: FxHashMap<SectionId, Vec<SectionId>> = FxHashMap::default();
    for (id, section) in unit.sections.iter().enumerate() {
        if section.kind == Kind::Text {
            let tables = frames
                .of(SectionIndex(id))
                .iter()
                .filter_map(|f| Some(f.lsda?.section.0));
            pads.entry(id).or_default().extend(tables);
        }
    }
    Ok(pads)
}

pub fn damaged(error: impl std::fmt::Display) -> Reason {
    Reason::new(
        "corrupt-object",
        "",
        format!("An object cannot be read: {error}."),
    )
    .remedy("Save the file again to compile it anew.")
}
