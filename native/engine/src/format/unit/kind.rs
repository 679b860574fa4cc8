//! What sections of an object are for, by their names, types and flags.

use object::elf;

/// What a section is for. Read-only data that needs relocations (`Relro`) is still read-only data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Text,
    ReadOnly,
    Relro,
    Data,
    Bss,
    TlsData,
    TlsBss,
    ExceptTable,
    InitArray,
    /// Unwind tables, debug information, notes: not part of any function's meaning.
    Other,
}

impl Kind {
    /// Data whose value the running program may have changed: it is bound, never copied.
    pub fn is_state(self) -> bool {
        matches!(self, Kind::Data | Kind::Bss | Kind::TlsData | Kind::TlsBss)
    }

    pub fn is_constant(self) -> bool {
        matches!(self, Kind::ReadOnly | Kind::Relro)
    }

    pub fn is_tls(self) -> bool {
        matches!(self, Kind::TlsData | Kind::TlsBss)
    }
}

pub(super) fn kind_of(name: &str, sh_type: elf::SectionType, flags: u64) -> Kind {
    let has = |flag: elf::SectionFlags| flags & flag.0 != 0;
    let nobits = sh_type == elf::SHT_NOBITS;
    if !has(elf::SHF_ALLOC) || name == ".eh_frame" || sh_type == elf::SHT_NOTE {
        Kind::Other
    } else if has(elf::SHF_EXECINSTR) {
        Kind::Text
    } else if has(elf::SHF_TLS) {
        if nobits {
            Kind::TlsBss
        } else {
            Kind::TlsData
        }
    } else if name.starts_with(".gcc_except_table") {
        Kind::ExceptTable
    } else if name.starts_with(".init_array")
        || name.starts_with(".ctors")
        || name.starts_with(".fini_array")
    {
        Kind::InitArray
    } else if name.starts_with(".debug_gdb_scripts") {
        Kind::Other
    } else if name.starts_with(".data.rel.ro") {
        Kind::Relro
    } else if has(elf::SHF_WRITE) {
        if nobits {
            Kind::Bss
        } else {
            Kind::Data
        }
    } else {
        Kind::ReadOnly
    }
}
