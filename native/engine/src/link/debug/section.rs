//! Which debug sections there are, and their bytes one object after another.
use super::error::{Error, Problem};
use super::Contribution;
use crate::link::elf::NamedSection;
use object::elf::{SHF_ALLOC, SHF_COMPRESSED, SHT_PROGBITS};
use object::read::elf::SectionHeader;
use object::{LittleEndian, SectionIndex};

/// The sections of DWARF 4 and 5 that compilers write into objects, but for the tables of names (`.debug_names`,
/// `.debug_pub*`): readers make their own when there are none, and a reader that takes the first table for the whole
/// (gdb does) must not be given one per object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Info,
    Types,
    Abbrev,
    Line,
    LineStr,
    Str,
    StrOffsets,
    Addr,
    Aranges,
    Ranges,
    RngLists,
    Loc,
    LocLists,
    Macro,
}

const KINDS: [(Kind, &str); 14] = [
    (Kind::Info, ".debug_info"),
    (Kind::Types, ".debug_types"),
    (Kind::Abbrev, ".debug_abbrev"),
    (Kind::Line, ".debug_line"),
    (Kind::LineStr, ".debug_line_str"),
    (Kind::Str, ".debug_str"),
    (Kind::StrOffsets, ".debug_str_offsets"),
    (Kind::Addr, ".debug_addr"),
    (Kind::Aranges, ".debug_aranges"),
    (Kind::Ranges, ".debug_ranges"),
    (Kind::RngLists, ".debug_rnglists"),
    (Kind::Loc, ".debug_loc"),
    (Kind::LocLists, ".debug_loclists"),
    (Kind::Macro, ".debug_macro"),
];

impl Kind {
    pub(super) const MAX_TOMBSTONE: u64 = 1;

    fn of(name: &[u8]) -> Option<Kind> {
        let found = KINDS.iter().find(|(_, known)| known.as_bytes() == name);
        found.map(|(kind, _)| *kind)
    }

    pub(super) fn name(self) -> &'static str {
        KINDS.get(self as usize).map_or("", |(_, name)| name)
    }

    /// What stands in place of the address of a function that is not in the patch, as lld has it. In `.debug_ranges`
    /// and `.debug_loc` a pair of zeros would end the list; a pair of ones is an empty range.
    pub(super) fn tombstone(self) -> u64 {
        match self {
            Kind::Ranges | Kind::Loc => Self::MAX_TOMBSTONE,
            _ => 0,
        }
    }

    fn strings(self) -> bool {
        matches!(self, Kind::Str | Kind::LineStr)
    }
}

/// One section of one object in an output section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) section: SectionIndex,
    pub(super) kind: Kind,
    /// Where it starts in the output section.
    pub(super) base: u64,
    pub(super) size: u64,
}

#[derive(Debug, Default)]
struct Output {
    data: Vec<u8>,
    align: u64,
    addresses: Vec<u64>,
}

/// The output sections, by kind.
#[derive(Debug, Default)]
pub(super) struct Outputs {
    sections: [Output; KINDS.len()],
}

impl Outputs {
    /// Copies an object's debug sections; says where they went.
    pub(super) fn append(
        &mut self,
        contribution: &Contribution<'_, '_>,
    ) -> Result<Vec<Piece>, Error> {
        let elf = contribution.elf;
        let table = elf.elf_section_table();
        let mut pieces = Vec::new();
        for (index, header) in table.enumerate() {
            // An object has thousands of loaded sections; only the names of the few others are worth a look.
            if header.sh_type(LittleEndian) != SHT_PROGBITS
                || header.sh_flags(LittleEndian).contains(SHF_ALLOC)
            {
                continue;
            }
            let name = table.section_name(LittleEndian, header).unwrap_or_default();
            let Some(kind) = Kind::of(name) else {
                continue;
            };
            let fail = |problem| contribution.error(kind, problem);
            if header.sh_flags(LittleEndian).contains(SHF_COMPRESSED) {
                return Err(fail(Problem::Compressed));
            }
            let bytes = header
                .data(LittleEndian, elf.data())
                .map_err(|_| fail(Problem::Unreadable))?;
            let align = header.sh_addralign(LittleEndian).clamp(1, 16);
            if !align.is_power_of_two() {
                return Err(fail(Problem::Unreadable));
            }
            let output = &mut self.sections[kind as usize];
            let base = output.data.len().next_multiple_of(align as usize);
            output.data.resize(base, 0);
            output.data.extend_from_slice(bytes);
            output.align = output.align.max(align);
            pieces.push(Piece {
                section: index,
                kind,
                base: base as u64,
                size: bytes.len() as u64,
            });
        }
        Ok(pieces)
    }

    /// The bytes of a piece, to be relocated.
    pub(super) fn piece(&mut self, piece: &Piece) -> &mut [u8] {
        let data = &mut self.sections[piece.kind as usize].data;
        let end = piece.base.saturating_add(piece.size) as usize;
        data.get_mut(piece.base as usize..end).unwrap_or_default()
    }

    /// Notes that addresses stand at these places of a piece.
    pub(super) fn note_addresses(&mut self, piece: &Piece, places: &[u64]) {
        let places = places.iter().map(|place| piece.base.saturating_add(*place));
        self.sections[piece.kind as usize].addresses.extend(places);
    }

    pub(super) fn finish(self) -> Vec<NamedSection> {
        let filled = KINDS
            .iter()
            .zip(self.sections)
            .filter(|(_, output)| !output.data.is_empty());
        filled
            .map(|((kind, name), output)| NamedSection {
                name: (*name).into(),
                data: output.data,
                align: output.align,
                strings: kind.strings(),
                addresses: output.addresses,
            })
            .collect()
    }
}

impl Contribution<'_, '_> {
    pub(super) fn error(&self, kind: Kind, problem: Problem) -> Error {
        Error {
            object: self.name.into(),
            section: kind.name().into(),
            problem,
        }
    }
}
