//! Where a reference of the patch leads. The order: this patch; live earlier patches; the host's symbol table; other
//! units of the program's crates; the host's shared libraries; units of crates that the program has nothing of yet; the
//! archives of the captured link line.

use super::graph::{damaged, BlockId, Graph};
use super::{anonymous, function_tables};
use crate::diff::plan::{PatchPlan, Status};
use crate::format::archive::Archives;
use crate::format::host::HostKind;
use crate::format::unit::{Kind, Relocation, SectionId, Symbol, Target, Unit};
use crate::live::{Live, SymbolKey, UnitSlot};
use crate::reason::{demangled, Reason};
use object::elf::R_X86_64_64;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The end of an edge. `offset` is what the symbol adds to its block; the relocation's addend comes on top.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    Block {
        block: BlockId,
        offset: i64,
    },
    /// A live address.
    Live(i64),
    /// Index into `Resolver::imports`.
    Import(usize),
    /// An existing thread-local: offset from the thread pointer.
    ThreadLive(i64),
    /// A thread-local of this patch.
    ThreadBlock {
        block: BlockId,
        offset: i64,
    },
    /// `__tls_get_addr` of a sequence that is relaxed away.
    Nothing,
}

pub struct Imported {
    pub name: String,
    pub weak: bool,
}

pub struct Resolver<'p> {
    pub live: &'p Live,
    pub plan: &'p PatchPlan,
    pub libraries: &'p FxHashSet<String>,
    pub archives: &'p mut Archives,
    pub imports: Vec<Imported>,
    /// Shared names that the new units define.
    defined: FxHashMap<String, (Arc<Unit>, SectionId)>,
}

impl<'p> Resolver<'p> {
    pub fn new(
        live: &'p Live,
        plan: &'p PatchPlan,
        libraries: &'p FxHashSet<String>,
        archives: &'p mut Archives,
    ) -> Self {
        let defined = shared_names(&plan.units);
        Resolver {
            live,
            plan,
            libraries,
            archives,
            imports: Vec::new(),
            defined,
        }
    }

    pub fn place(
        &mut self,
        graph: &mut Graph,
        unit: &Arc<Unit>,
        r: &Relocation,
        wanted_by: &str,
    ) -> Result<Place, Reason> {
        match unit.target(r) {
            Target::Section {
                section,
                offset,
                symbol,
            } => self.defined_here(graph, unit, (section, unit.called(section, symbol)), offset),
            Target::Undefined(symbol) => self.undefined(graph, symbol, wanted_by),
        }
    }

    fn defined_here(
        &mut self,
        graph: &mut Graph,
        unit: &Arc<Unit>,
        (section, symbol): (SectionId, Option<&Symbol>),
        offset: i64,
    ) -> Result<Place, Reason> {
        let kind = unit.sections[section].kind;
        let Some(symbol) = symbol else {
            if kind.is_state() {
                return self.anonymous_state(graph, unit, section, offset);
            }
            if let Some(table) = function_tables::running(self.live, self.plan, unit, section) {
                return Ok(Place::Live(table.wrapping_add(offset)));
            }
            return Ok(Place::Block {
                block: graph.block(unit, section),
                offset,
            });
        };
        let key = SymbolKey::of(unit, symbol);
        // From where the name stands; a block begins where its section does.
        let inside = offset.wrapping_sub(symbol.value as i64);
        match kind {
            Kind::Text => {
                let running = match self.plan.status.get(&key) {
                    Some(Status::Same(address)) => *address,
                    Some(Status::Changed(_) | Status::New) => None,
                    None => self.live.function(unit, symbol),
                };
                Ok(self.live_or_block(graph, unit, section, running, (inside, offset)))
            }
            Kind::TlsData | Kind::TlsBss => Ok(match self.thread_local(unit, symbol, &key) {
                Some(at) => Place::ThreadLive(at.wrapping_add(inside)),
                None => Place::ThreadBlock {
                    block: graph.block(unit, section),
                    offset,
                },
            }),
            _ if kind.is_constant() && self.plan.moved.contains(&symbol.name) => Ok(Place::Block {
                block: graph.block(unit, section),
                offset,
            }),
            _ => {
                let running = match self.plan.data.get(&key) {
                    Some(address) => Some(*address),
                    None if self.plan.fresh.contains(&key) => None,
                    None if self.plan.reverted.contains(&key) => {
                        self.live.in_host(unit, symbol).map(|s| s.address as i64)
                    }
                    None => self.live.datum(unit, symbol),
                };
                Ok(self.live_or_block(graph, unit, section, running, (inside, offset)))
            }
        }
    }

    /// What `name` stands for in `unit`, asked for from elsewhere.
    fn defined_by(
        &mut self,
        graph: &mut Graph,
        unit: &Arc<Unit>,
        section: SectionId,
        name: &str,
    ) -> Result<Place, Reason> {
        let symbol = unit.symbol_named(name).or_else(|| unit.name_of(section));
        let offset = symbol.map_or(0, |s| s.value as i64);
        self.defined_here(graph, unit, (section, symbol), offset)
    }

    fn thread_local(&self, unit: &Unit, symbol: &Symbol, key: &SymbolKey) -> Option<i64> {
        if self.plan.fresh.contains(key) {
            return None;
        }
        let renamed = self.plan.threads.get(key).copied();
        renamed.or_else(|| self.live.thread_local(unit, symbol))
    }

    fn live_or_block(
        &self,
        graph: &mut Graph,
        unit: &Arc<Unit>,
        section: SectionId,
        running: Option<i64>,
        (inside, offset): (i64, i64),
    ) -> Place {
        match running {
            Some(address) => Place::Live(address.wrapping_add(inside)),
            None => Place::Block {
                block: graph.block(unit, section),
                offset,
            },
        }
    }

    fn undefined(
        &mut self,
        graph: &mut Graph,
        symbol: &Symbol,
        wanted_by: &str,
    ) -> Result<Place, Reason> {
        let name = symbol.name.as_str();
        if name == "__tls_get_addr" {
            return Ok(Place::Nothing);
        }
        if let Some((unit, section)) = self.defined.get(name).cloned() {
            return self.defined_by(graph, &unit, section, name);
        }
        let key = SymbolKey {
            name: name.into(),
            file: None,
        };
        if let Some(function) = self.live.now.functions.get(&key) {
            return Ok(Place::Live(function.address));
        }
        let patched = self.live.now.data.get(&key);
        if let Some(&address) = patched.filter(|_| !self.plan.reverted.contains(&key)) {
            return Ok(Place::Live(address));
        }
        if let Some(&offset) = self.live.now.threads.get(&key) {
            return Ok(Place::ThreadLive(offset));
        }
        let in_host = self
            .live
            .host
            .symbol(name)
            .filter(|_| !self.live.is_hidden(&key));
        if let Some(found) = in_host {
            return Ok(match found.kind {
                HostKind::Tls => match self.live.host.thread_offset(found) {
                    Some(offset) => Place::ThreadLive(offset),
                    None => {
                        return Err(damaged(format!("{name} lies in no block of thread-locals")))
                    }
                },
                _ => Place::Live(found.address as i64),
            });
        }
        let (live, plan) = (self.live, self.plan);
        if let Some((unit, section)) = defined_in(live.others(&plan.changes), name)? {
            return self.defined_by(graph, &unit, section, name);
        }
        if self.libraries.contains(name) {
            return Ok(Place::Import(self.import(name, symbol.weak)));
        }
        if let Some((unit, section)) = defined_in(live.unlinked_units(&plan.unlinked), name)? {
            return self.defined_by(graph, &unit, section, name);
        }
        if let Some(member) = self.archives.member(name).map_err(damaged)? {
            if let Some(section) = member.definition(name) {
                return self.defined_by(graph, &member, section, name);
            }
        }
        if symbol.weak {
            return Ok(Place::Import(self.import(name, true)));
        }
        Err(Reason::new(
            "unresolved-symbol",
            demangled(name),
            format!(
                "`{wanted_by}` needs `{}`, which is neither in the program nor in its libraries.",
                demangled(name)
            ),
        ))
    }

    fn import(&mut self, name: &str, weak: bool) -> usize {
        match self.imports.iter().position(|i| i.name == name) {
            Some(at) => at,
            None => {
                self.imports.push(Imported {
                    name: name.into(),
                    weak,
                });
                self.imports.len() - 1
            }
        }
    }

    fn anonymous_state(
        &mut self,
        graph: &mut Graph,
        unit: &Arc<Unit>,
        section: SectionId,
        offset: i64,
    ) -> Result<Place, Reason> {
        let running = anonymous::running(self.live, self.plan, unit, section)?;
        if let Some(address) = running {
            return Ok(Place::Live(address.wrapping_add(offset)));
        }
        let block = graph.block(unit, section);
        let is_tls = unit.sections.get(section).is_some_and(|s| s.kind.is_tls());
        Ok(match is_tls {
            true => Place::ThreadBlock { block, offset },
            false => Place::Block { block, offset },
        })
    }
}

fn defined_in<'l>(
    units: impl Iterator<Item = (&'l str, &'l str, &'l UnitSlot)>,
    name: &str,
) -> Result<Option<(Arc<Unit>, SectionId)>, Reason> {
    for (_, _, slot) in units {
        if slot.defines(name).map_err(damaged)? {
            let unit = slot.unit().map_err(damaged)?;
            if let Some(section) = unit.definition(name) {
                return Ok(Some((unit, section)));
            }
        }
    }
    Ok(None)
}

fn shared_names(units: &[Arc<Unit>]) -> FxHashMap<String, (Arc<Unit>, SectionId)> {
    let mut names = FxHashMap::default();
    for unit in units {
        for symbol in unit.symbols.iter().filter(|s| !s.local) {
            if let Some(section) = symbol.section {
                names
                    .entry(symbol.name.clone())
                    .or_insert_with(|| (unit.clone(), section));
            }
        }
    }
    names
}

/// Whether a relocation holds a full address, so that the loader must add the load bias.
pub fn is_absolute(r: &Relocation) -> bool {
    r.kind == R_X86_64_64.0
}
