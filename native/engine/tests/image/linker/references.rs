//! What a section of an object refers to.
use hotpatch_engine::format::Elf;
use hotpatch_engine::link::elf::BlockKind;
use object::elf::{
    RelocationType, R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_GOTTPOFF,
    R_X86_64_REX_GOTPCRELX, SHF_EXECINSTR, SHF_TLS, STT_TLS,
};
use object::read::elf::{SectionHeader, Sym};
use object::{LittleEndian as LE, SectionIndex, SymbolIndex};

/// `G + GOT + A - P`: the kinds whose field is the displacement to a slot.
pub fn by_slot(kind: RelocationType) -> bool {
    [
        R_X86_64_GOTPCREL,
        R_X86_64_GOTPCRELX,
        R_X86_64_REX_GOTPCRELX,
        R_X86_64_GOTTPOFF,
    ]
    .contains(&kind)
}

pub fn kind_of(section: &str) -> BlockKind {
    let kinds = [
        (".text", BlockKind::Text),
        (".gcc_except_table", BlockKind::ExceptTable),
        (".rodata", BlockKind::ReadOnly),
        (".data.rel.ro", BlockKind::Relro),
        (".data", BlockKind::Data),
        (".bss", BlockKind::Bss),
        (".tdata", BlockKind::TlsData),
        (".tbss", BlockKind::TlsBss),
    ];
    let found = kinds.iter().find(|(prefix, _)| section.starts_with(prefix));
    found.unwrap_or_else(|| panic!("no block for {section}")).1
}

pub struct Reference<'data> {
    pub offset: u64,
    pub kind: RelocationType,
    pub addend: i64,
    pub name: &'data str,
    pub place: Option<(SectionIndex, u64)>,
    pub code: bool,
    pub tls: bool,
}

pub fn references<'data>(elf: &Elf<'data>, section: SectionIndex) -> Vec<Reference<'data>> {
    let table = elf.elf_section_table();
    let symbols = elf.elf_symbol_table();
    let mut all = Vec::new();
    for header in table
        .iter()
        .filter(|header| header.sh_info(LE) as usize == section.0)
    {
        for entry in header
            .rela(LE, elf.data())
            .unwrap()
            .map_or(&[][..], |(entries, _)| entries)
        {
            let index = SymbolIndex(entry.r_sym(LE, false) as usize);
            let symbol = symbols.symbol(index).unwrap();
            let place = symbols.symbol_section(LE, symbol, index).unwrap();
            let target = place.map(|place| table.section(place).unwrap());
            all.push(Reference {
                offset: entry.r_offset.get(LE),
                kind: entry.r_type(LE, false),
                addend: entry.r_addend.get(LE),
                name: std::str::from_utf8(symbols.symbol_name(LE, symbol).unwrap()).unwrap(),
                place: place.map(|place| (place, symbol.st_value(LE))),
                code: target.is_some_and(|target| target.sh_flags(LE).contains(SHF_EXECINSTR)),
                tls: symbol.st_type() == STT_TLS
                    || target.is_some_and(|t| t.sh_flags(LE).contains(SHF_TLS)),
            });
        }
    }
    all
}
