//! The blocks and symbols of the image, from those of the graph.

use super::elf::{self, BlockKind, BlockSpec, SymbolSpec};
use super::graph::Graph;
use super::relocate::ROOM;
use super::resolve;
use super::tables::Tables;
use crate::format::unit::{Kind, SymbolKind};

pub fn blocks(graph: &Graph, tables: &Tables) -> Vec<BlockSpec> {
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
                BlockKind::Text => (section.size.next_multiple_of(ROOM), section.align.max(ROOM)),
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

pub fn symbols(graph: &Graph) -> Vec<SymbolSpec> {
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
