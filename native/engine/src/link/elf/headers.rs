//! File header and program headers.
use super::layout::{Layout, FILE_HEADER, PAGE};
use super::parts::{Part, Segment, PARTS};
use object::elf::{
    FileHeader64, Ident, ProgramFlags, ProgramHeader64, ProgramType, SymbolSection, ELFCLASS64,
    ELFDATA2LSB, ELFMAG, ELFOSABI_SYSV, EM_X86_64, ET_DYN, EV_CURRENT, PF_R, PF_W, PF_X,
    PT_DYNAMIC, PT_GNU_EH_FRAME, PT_GNU_STACK, PT_LOAD, PT_NOTE, PT_TLS,
};
use object::pod::bytes_of;
use object::{LittleEndian, U16, U32};

/// What a program header speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Span {
    Load(Segment),
    Dynamic,
    Note,
    EhFrame,
    Tls,
    Stack,
}

impl Layout {
    /// The image's program headers, in the order of the file. Depends on sizes alone, so it holds before addresses.
    pub(super) fn program_headers(&self) -> impl Iterator<Item = Span> + '_ {
        [
            (Span::Load(Segment::Read), true),
            (Span::Load(Segment::Execute), self.has(Part::Text)),
            (Span::Load(Segment::Write), true),
            (Span::Dynamic, true),
            (Span::Note, self.has(Part::Note)),
            (Span::EhFrame, self.has(Part::EhFrameHdr)),
            (Span::Tls, self.has(Part::TlsData) || self.has(Part::TlsBss)),
            (Span::Stack, true),
        ]
        .into_iter()
        .filter_map(|(span, present)| present.then_some(span))
    }

    fn program_header(&self, span: Span) -> ProgramHeader64<LittleEndian> {
        match span {
            Span::Load(segment) => self.load(segment),
            Span::Dynamic => self.over(Part::Dynamic, PT_DYNAMIC, PF_R | PF_W),
            Span::Note => self.over(Part::Note, PT_NOTE, PF_R),
            Span::EhFrame => self.over(Part::EhFrameHdr, PT_GNU_EH_FRAME, PF_R),
            Span::Tls => self.thread_locals(),
            // Without it a loader must assume that the image wants an executable stack.
            Span::Stack => header(PT_GNU_STACK, PF_R | PF_W),
        }
    }

    fn load(&self, segment: Segment) -> ProgramHeader64<LittleEndian> {
        let flags = match segment {
            Segment::Read => PF_R,
            Segment::Execute => PF_R | PF_X,
            Segment::Write => PF_R | PF_W,
        };
        let mut load = header(PT_LOAD, flags);
        load.p_align = PAGE.into();
        let parts = || {
            PARTS
                .into_iter()
                .filter(|part| part.segment() == segment && self.has(*part))
        };
        let in_memory = || {
            parts()
                .filter(|part| *part != Part::TlsBss)
                .map(|part| self.place(part))
        };
        let in_file = parts()
            .filter(|part| part.in_file())
            .map(|part| self.place(part));
        // The first segment begins with the headers, the others with their first section.
        let (address, offset) = match (segment, parts().next().map(|part| self.place(part))) {
            (Segment::Read, _) | (_, None) => (0, 0),
            (_, Some(first)) => (first.address / PAGE * PAGE, first.offset / PAGE * PAGE),
        };
        let memory_end = in_memory().map(|place| place.address + place.size).max();
        let file_end = in_file.map(|place| place.offset + place.size).max();
        load.p_vaddr = address.into();
        load.p_paddr = address.into();
        load.p_offset = offset.into();
        load.p_memsz = memory_end.unwrap_or(address).saturating_sub(address).into();
        load.p_filesz = file_end.unwrap_or(offset).saturating_sub(offset).into();
        load
    }

    fn over(
        &self,
        part: Part,
        kind: ProgramType,
        flags: ProgramFlags,
    ) -> ProgramHeader64<LittleEndian> {
        let place = self.place(part);
        let mut over = header(kind, flags);
        over.p_vaddr = place.address.into();
        over.p_paddr = place.address.into();
        over.p_offset = place.offset.into();
        over.p_memsz = place.size.into();
        over.p_filesz = place.size.into();
        over.p_align = place.align.into();
        over
    }

    fn thread_locals(&self) -> ProgramHeader64<LittleEndian> {
        let first = if self.has(Part::TlsData) {
            Part::TlsData
        } else {
            Part::TlsBss
        };
        let mut tls = self.over(first, PT_TLS, PF_R);
        if let Some(image) = self.tls() {
            tls.p_memsz = image.mem_size.into();
            tls.p_filesz = image.file_size.into();
            tls.p_align = image.align.into();
        }
        tls
    }

    /// File header and program headers: the first bytes of the image.
    pub(super) fn header_bytes(&self, sections: u16, section_headers: u64) -> Vec<u8> {
        let file = FileHeader64::<LittleEndian> {
            e_ident: Ident {
                magic: ELFMAG,
                class: ELFCLASS64,
                data: ELFDATA2LSB,
                version: EV_CURRENT,
                os_abi: ELFOSABI_SYSV,
                abi_version: 0,
                padding: [0; 7],
            },
            e_type: ET_DYN.into(),
            e_machine: EM_X86_64.into(),
            e_version: U32::from(u32::from(EV_CURRENT.0)),
            e_entry: 0.into(),
            e_phoff: FILE_HEADER.into(),
            e_shoff: section_headers.into(),
            e_flags: Default::default(),
            e_ehsize: U16::from(64),
            e_phentsize: U16::from(56),
            e_phnum: U16::from(self.program_headers().count() as u16),
            e_shentsize: U16::from(64),
            e_shnum: sections.into(),
            e_shstrndx: SymbolSection(sections.saturating_sub(1)).into(),
        };
        let mut bytes = bytes_of(&file).to_vec();
        for span in self.program_headers() {
            bytes.extend_from_slice(bytes_of(&self.program_header(span)));
        }
        bytes
    }
}

fn header(kind: ProgramType, flags: ProgramFlags) -> ProgramHeader64<LittleEndian> {
    ProgramHeader64 {
        p_type: kind.into(),
        p_flags: flags.into(),
        p_offset: 0.into(),
        p_vaddr: 0.into(),
        p_paddr: 0.into(),
        p_filesz: 0.into(),
        p_memsz: 0.into(),
        p_align: 16.into(),
    }
}
