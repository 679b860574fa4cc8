//! The section header table, and the sections that are not loaded.
use super::layout::Layout;
use super::parts::Part;
use object::elf::{
    SectionFlags, SectionHeader64, SectionType, SHF_MERGE, SHF_STRINGS, SHT_NULL, SHT_PROGBITS,
    SHT_STRTAB, SHT_SYMTAB,
};
use object::pod::bytes_of;
use object::LittleEndian;

/// Collects section headers while the file grows behind its loaded part.
pub(super) struct Sections {
    headers: Vec<SectionHeader64<LittleEndian>>,
    names: Vec<u8>,
}

impl Sections {
    pub(super) fn new() -> Sections {
        // gABI "Section Header": index 0 and the empty name at offset 0 mean "none".
        Sections {
            headers: vec![header(SHT_NULL)],
            names: vec![0],
        }
    }

    /// `index` gives a part's number in the table.
    pub(super) fn add_loaded(&mut self, part: Part, layout: &Layout, index: impl Fn(Part) -> u16) {
        let place = layout.place(part);
        let mut loaded = header(part.section_type());
        loaded.sh_flags = part.flags().into();
        loaded.sh_addr = place.address.into();
        loaded.sh_offset = place.offset.into();
        loaded.sh_size = place.size.into();
        loaded.sh_addralign = place.align.into();
        loaded.sh_entsize = part.entry_size().into();
        loaded.sh_link = part.link().map_or(0, |link| u32::from(index(link))).into();
        if part == Part::DynSym {
            // One past the last local symbol, which is the null symbol.
            loaded.sh_info = 1.into();
        }
        self.name(part.name(), loaded);
    }

    /// Gives the offset of the section's first byte in the file.
    pub(super) fn append(
        &mut self,
        file: &mut Vec<u8>,
        name: &str,
        data: &[u8],
        align: u64,
    ) -> u64 {
        self.append_as(header(SHT_PROGBITS), file, name, data, align)
    }

    /// As [`Self::append`], with the flags of C strings.
    pub(super) fn append_strings(&mut self, file: &mut Vec<u8>, name: &str, data: &[u8]) -> u64 {
        let mut strings = header(SHT_PROGBITS);
        strings.sh_flags = (SHF_MERGE | SHF_STRINGS).into();
        strings.sh_entsize = 1.into();
        self.append_as(strings, file, name, data, 1)
    }

    /// `.symtab` with local symbols alone, and its `.strtab`.
    pub(super) fn append_symbols(&mut self, file: &mut Vec<u8>, symbols: &[u8], strings: &[u8]) {
        let mut table = header(SHT_SYMTAB);
        table.sh_entsize = 24.into();
        table.sh_link = (self.headers.len() as u32 + 1).into();
        table.sh_info = (symbols.len() as u32 / 24).into();
        self.append_as(table, file, ".symtab", symbols, 8);
        self.append_as(header(SHT_STRTAB), file, ".strtab", strings, 1);
    }

    fn append_as(
        &mut self,
        mut section: SectionHeader64<LittleEndian>,
        file: &mut Vec<u8>,
        name: &str,
        data: &[u8],
        align: u64,
    ) -> u64 {
        file.resize(file.len().next_multiple_of(align as usize), 0);
        let start = file.len() as u64;
        section.sh_offset = start.into();
        section.sh_size = (data.len() as u64).into();
        section.sh_addralign = align.into();
        file.extend_from_slice(data);
        self.name(name, section);
        start
    }

    fn name(&mut self, name: &str, mut section: SectionHeader64<LittleEndian>) {
        section.sh_name = (self.names.len() as u32).into();
        self.names.extend_from_slice(name.as_bytes());
        self.names.push(0);
        self.headers.push(section);
    }

    /// Writes `.shstrtab` (always the last section) and the table. Gives the number of sections and the table's
    /// offset, for the file header.
    pub(super) fn finish(mut self, file: &mut Vec<u8>) -> (u16, u64) {
        let name = ".shstrtab";
        let mut data = std::mem::take(&mut self.names);
        self.names.resize(data.len(), 0);
        data.extend_from_slice(name.as_bytes());
        data.push(0);
        self.append_as(header(SHT_STRTAB), file, name, &data, 1);
        file.resize(file.len().next_multiple_of(8), 0);
        let table = file.len() as u64;
        for section in &self.headers {
            file.extend_from_slice(bytes_of(section));
        }
        (self.headers.len() as u16, table)
    }
}

fn header(kind: SectionType) -> SectionHeader64<LittleEndian> {
    SectionHeader64 {
        sh_name: 0.into(),
        sh_type: kind.into(),
        sh_flags: SectionFlags(0).into(),
        sh_addr: 0.into(),
        sh_offset: 0.into(),
        sh_size: 0.into(),
        sh_link: 0.into(),
        sh_info: 0.into(),
        sh_addralign: 0.into(),
        sh_entsize: 0.into(),
    }
}
