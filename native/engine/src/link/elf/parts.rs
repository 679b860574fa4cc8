//! The loaded sections of an image, in the order of their addresses.
use super::BlockKind;
use object::elf::{
    SectionFlags, SectionType, SHF_ALLOC, SHF_EXECINSTR, SHF_TLS, SHF_WRITE, SHT_DYNAMIC,
    SHT_DYNSYM, SHT_HASH, SHT_NOBITS, SHT_NOTE, SHT_PROGBITS, SHT_RELA, SHT_STRTAB,
};

/// A section that is loaded. Declaration order is address order, so the segments R, RX, RW are runs of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Note,
    Hash,
    DynSym,
    DynStr,
    Rela,
    EhFrameHdr,
    EhFrame,
    ExceptTable,
    ReadOnly,
    Text,
    TlsData,
    TlsBss,
    Relro,
    Dynamic,
    Got,
    Data,
    Bss,
}

/// With which rights a part is mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    Read,
    Execute,
    Write,
}

pub(super) const PARTS: [Part; 17] = [
    Part::Note,
    Part::Hash,
    Part::DynSym,
    Part::DynStr,
    Part::Rela,
    Part::EhFrameHdr,
    Part::EhFrame,
    Part::ExceptTable,
    Part::ReadOnly,
    Part::Text,
    Part::TlsData,
    Part::TlsBss,
    Part::Relro,
    Part::Dynamic,
    Part::Got,
    Part::Data,
    Part::Bss,
];

impl Part {
    pub(super) fn of(kind: BlockKind) -> Part {
        match kind {
            BlockKind::Text => Part::Text,
            BlockKind::ReadOnly => Part::ReadOnly,
            BlockKind::ExceptTable => Part::ExceptTable,
            BlockKind::Relro => Part::Relro,
            BlockKind::Got => Part::Got,
            BlockKind::Data => Part::Data,
            BlockKind::Bss => Part::Bss,
            BlockKind::TlsData => Part::TlsData,
            BlockKind::TlsBss => Part::TlsBss,
        }
    }

    pub(super) fn segment(self) -> Segment {
        match self {
            Part::Text => Segment::Execute,
            part if part < Part::Text => Segment::Read,
            _ => Segment::Write,
        }
    }

    /// Whether the section has bytes in the file.
    pub(super) fn in_file(self) -> bool {
        !matches!(self, Part::Bss | Part::TlsBss)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Part::Note => ".note.gnu.build-id",
            Part::Hash => ".hash",
            Part::DynSym => ".dynsym",
            Part::DynStr => ".dynstr",
            Part::Rela => ".rela.dyn",
            Part::EhFrameHdr => ".eh_frame_hdr",
            Part::EhFrame => ".eh_frame",
            Part::ExceptTable => ".gcc_except_table",
            Part::ReadOnly => ".rodata",
            Part::Text => ".text",
            Part::TlsData => ".tdata",
            Part::TlsBss => ".tbss",
            Part::Relro => ".data.rel.ro",
            Part::Dynamic => ".dynamic",
            Part::Got => ".got",
            Part::Data => ".data",
            Part::Bss => ".bss",
        }
    }

    pub(super) fn section_type(self) -> SectionType {
        match self {
            Part::Note => SHT_NOTE,
            Part::Hash => SHT_HASH,
            Part::DynSym => SHT_DYNSYM,
            Part::DynStr => SHT_STRTAB,
            Part::Rela => SHT_RELA,
            Part::Dynamic => SHT_DYNAMIC,
            Part::Bss | Part::TlsBss => SHT_NOBITS,
            _ => SHT_PROGBITS,
        }
    }

    pub(super) fn flags(self) -> SectionFlags {
        match (self.segment(), self) {
            (Segment::Read, _) => SHF_ALLOC,
            (Segment::Execute, _) => SHF_ALLOC | SHF_EXECINSTR,
            (Segment::Write, Part::TlsData | Part::TlsBss) => SHF_ALLOC | SHF_WRITE | SHF_TLS,
            (Segment::Write, _) => SHF_ALLOC | SHF_WRITE,
        }
    }

    /// Smallest alignment, in bytes; blocks may ask for more.
    pub(super) fn align(self) -> u64 {
        match self {
            Part::Note | Part::EhFrameHdr | Part::ExceptTable => 4,
            Part::Hash | Part::DynSym | Part::Rela | Part::EhFrame | Part::Dynamic | Part::Got => 8,
            Part::Text => 16,
            _ => 1,
        }
    }

    /// Bytes of one entry, for tables.
    pub(super) fn entry_size(self) -> u64 {
        match self {
            Part::Hash => 4,
            Part::DynSym | Part::Rela => 24,
            Part::Dynamic => 16,
            Part::Got => 8,
            _ => 0,
        }
    }

    /// The section that `sh_link` names.
    pub(super) fn link(self) -> Option<Part> {
        match self {
            Part::Hash | Part::Rela => Some(Part::DynSym),
            Part::DynSym | Part::Dynamic => Some(Part::DynStr),
            _ => None,
        }
    }
}
