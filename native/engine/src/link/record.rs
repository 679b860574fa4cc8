//! What becomes live with a patch, and what it builds on.

use super::graph::Graph;
use super::relocate;
use super::resolve::Place;
use super::Linked;
use crate::diff::plan::{Change, PatchPlan, Reported, Status};
use crate::format::unit::Kind;
use crate::live::{LiveFunction, SymbolKey};
use crate::reason::demangled;

/// What will be live once every process has the patch.
pub fn record(
    graph: &Graph,
    plan: &PatchPlan,
    addresses: &relocate::Addresses<'_>,
    linked: &mut Linked,
) {
    linked
        .sources
        .extend(graph.units.iter().map(|unit| unit.path.clone()));
    for (id, block) in graph.blocks.iter().enumerate() {
        for place in &block.edges {
            match place {
                Place::Live(address) => drop(linked.refers.addresses.insert(*address)),
                Place::ThreadLive(offset) => drop(linked.refers.threads.insert(*offset)),
                _ => {}
            }
        }
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
                        .push((key, LiveFunction { address, entries }));
                }
                kind if kind.is_tls() => {
                    linked
                        .threads
                        .extend(addresses.thread_offset(id, 0).map(|offset| (key, offset)));
                }
                _ => linked.data.push((key, address)),
            }
        }
    }
    linked.added.sort_by(|a, b| a.name.cmp(&b.name));
}
