//! The bytes of `.eh_frame` and the relocations that belong to them, record by record.
use super::Error;
use crate::format::Elf;
use gimli::{EndianSlice, LittleEndian as Little, Reader};
use object::elf::{
    Rela64, RelocationType, Sym64, R_X86_64_32, R_X86_64_32S, R_X86_64_64, R_X86_64_NONE,
    R_X86_64_PC32, R_X86_64_PC64,
};
use object::read::elf::SectionHeader;
use object::{LittleEndian, SectionIndex, SymbolIndex};

type Rela = Rela64<LittleEndian>;

/// How a pointer is written (`DW_EH_PE_*`): 4 or 8 bytes, absolute or relative to its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    pub(super) wide: bool,
    pub(super) relative: bool,
    /// The pointer leads to a word that holds the address.
    pub(super) indirect: bool,
}

impl Encoding {
    /// `DW_EH_PE_absptr`.
    pub(super) const ABSOLUTE: Encoding = Encoding {
        wide: true,
        relative: false,
        indirect: false,
    };

    /// `None` for forms that no x86-64 compiler writes into an object.
    fn of(byte: u8) -> Option<Encoding> {
        let wide = match byte & 0x0f {
            0x00 | 0x04 | 0x0c => true,
            0x03 | 0x0b => false,
            _ => return None,
        };
        let relative = match byte & 0x70 {
            0x00 => false,
            0x10 => true,
            _ => return None,
        };
        Some(Encoding {
            wide,
            relative,
            indirect: byte & 0x80 != 0,
        })
    }

    /// psABI table 4.9: the kinds whose field has this form, `S + A` or `S + A - P`.
    fn allows(self, kind: RelocationType) -> bool {
        match (self.relative, self.wide) {
            (true, false) => kind == R_X86_64_PC32,
            (true, true) => kind == R_X86_64_PC64,
            (false, false) => kind == R_X86_64_32 || kind == R_X86_64_32S,
            (false, true) => kind == R_X86_64_64,
        }
    }
}

/// The `.eh_frame` sections of an object: one, unless a linker joined objects with `-r`.
pub(super) fn sections<'elf, 'data>(
    elf: &'elf Elf<'data>,
) -> impl Iterator<Item = Result<Section<'elf, 'data>, Error>> {
    let table = elf.elf_section_table();
    table
        .enumerate()
        .filter(|(_, header)| table.section_name(LittleEndian, header) == Ok(b".eh_frame"))
        .map(|(index, _)| Section::read(elf, index))
}

/// An `.eh_frame` with its relocations in order of place.
pub(super) struct Section<'elf, 'data> {
    elf: &'elf Elf<'data>,
    bytes: &'data [u8],
    relocations: Vec<&'data Rela>,
}

impl<'elf, 'data> Section<'elf, 'data> {
    fn read(elf: &'elf Elf<'data>, index: SectionIndex) -> Result<Section<'elf, 'data>, Error> {
        let unreadable = |_| malformed(0, "the section cannot be read");
        let table = elf.elf_section_table();
        let bytes = table
            .section(index)
            .and_then(|header| header.data(LittleEndian, elf.data()))
            .map_err(unreadable)?;
        let mut relocations: Vec<&Rela> = Vec::new();
        for header in table.iter() {
            if header.sh_info(LittleEndian) as usize != index.0 {
                continue;
            }
            if let Some((entries, _)) = header.rela(LittleEndian, elf.data()).map_err(unreadable)? {
                relocations.extend(entries.iter().filter(|entry| kind(entry) != R_X86_64_NONE));
            }
        }
        relocations.sort_by_key(|entry| entry.r_offset.get(LittleEndian));
        Ok(Section {
            elf,
            bytes,
            relocations,
        })
    }

    fn relocation(&self, place: u64) -> Option<&'data Rela> {
        let index = self
            .relocations
            .partition_point(|entry| entry.r_offset.get(LittleEndian) < place);
        let entry = self.relocations.get(index).copied();
        entry.filter(|entry| entry.r_offset.get(LittleEndian) == place)
    }

    fn relocation_count(&self, start: u64, end: u64) -> usize {
        let before = |place| {
            self.relocations
                .partition_point(|entry| entry.r_offset.get(LittleEndian) < place)
        };
        before(end) - before(start)
    }

    /// The record at `offset`; `None` at the end. Zero words between records (a terminator of a joined object) are
    /// stepped over.
    pub(super) fn record(&self, mut offset: u64) -> Result<Option<Record<'_, 'data>>, Error> {
        loop {
            let rest = usize::try_from(offset)
                .ok()
                .and_then(|offset| self.bytes.get(offset..));
            let mut rest = EndianSlice::new(rest.unwrap_or_default(), Little);
            if rest.is_empty() {
                return Ok(None);
            }
            let length = rest
                .read_u32()
                .map_err(|_| malformed(offset, "a cut record"))?;
            match length {
                0 => offset += 4,
                0xffff_ffff => return Err(unsupported(offset, "a record of the 64-bit format")),
                _ => {
                    let body = rest
                        .split(length as usize)
                        .map_err(|_| malformed(offset, "a cut record"))?;
                    return Ok(Some(Record {
                        section: self,
                        start: offset,
                        end: offset + 4 + u64::from(length),
                        rest: body,
                        relocated: 0,
                    }));
                }
            }
        }
    }
}

/// A CIE or FDE while it is being read.
#[derive(Clone, Copy)]
pub(super) struct Record<'s, 'data> {
    section: &'s Section<'s, 'data>,
    start: u64,
    end: u64,
    rest: EndianSlice<'data, Little>,
    /// Number of relocations of this record that a pointer used.
    relocated: usize,
}

impl<'data> Record<'_, 'data> {
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Where the next byte lies in the section.
    fn here(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    pub(super) fn malformed(&self, what: &'static str) -> Error {
        malformed(self.start, what)
    }

    pub(super) fn unsupported(&self, what: &'static str) -> Error {
        unsupported(self.start, what)
    }

    fn cut(&self) -> Error {
        malformed(self.start, "a cut record")
    }

    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        self.rest.read_u8().map_err(|_| self.cut())
    }

    pub(super) fn uleb(&mut self) -> Result<u64, Error> {
        self.rest.read_uleb128().map_err(|_| self.cut())
    }

    pub(super) fn sleb(&mut self) -> Result<i64, Error> {
        self.rest.read_sleb128().map_err(|_| self.cut())
    }

    pub(super) fn string(&mut self) -> Result<&'data [u8], Error> {
        let string = self
            .rest
            .read_null_terminated_slice()
            .map_err(|_| self.cut())?;
        Ok(string.slice())
    }

    /// The second word: `None` marks a CIE; an FDE has the distance back to its CIE there.
    pub(super) fn cie_offset(&mut self) -> Result<Option<u64>, Error> {
        let place = self.here();
        let back = self.rest.read_u32().map_err(|_| self.cut())?;
        Ok((back != 0).then(|| place.wrapping_sub(back.into())))
    }

    /// A byte of `DW_EH_PE_*`; `None` is `DW_EH_PE_omit`.
    pub(super) fn encoding(&mut self) -> Result<Option<Encoding>, Error> {
        match self.byte()? {
            0xff => Ok(None),
            byte => Encoding::of(byte)
                .map(Some)
                .ok_or_else(|| self.unsupported("a pointer encoding")),
        }
    }

    /// A number that is as wide as a pointer of this encoding.
    pub(super) fn unsigned(&mut self, encoding: Encoding) -> Result<u64, Error> {
        let number = if encoding.wide {
            self.rest.read_u64()
        } else {
            self.rest.read_u32().map(u64::from)
        };
        number.map_err(|_| self.cut())
    }

    /// A pointer by its relocation: `S + A`, whatever is subtracted from it to make the field. `None` is null.
    pub(super) fn pointer(&mut self, encoding: Encoding) -> Result<Option<Target<'data>>, Error> {
        let place = self.here();
        let raw = self.unsigned(encoding)?;
        let entry = match self.section.relocation(place) {
            Some(entry) => entry,
            None if raw == 0 => return Ok(None),
            None => return Err(self.malformed("a pointer without a relocation")),
        };
        if !encoding.allows(kind(entry)) {
            return Err(self.malformed("a relocation that does not fit its pointer"));
        }
        self.relocated += 1;
        Ok(Some(Target { entry }))
    }

    /// Reads the length of the augmentation data; gives the offset of its end.
    pub(super) fn augmentation_end(&mut self) -> Result<u64, Error> {
        let length = self.uleb()?;
        let end = self
            .here()
            .checked_add(length)
            .filter(|end| *end <= self.end);
        end.ok_or_else(|| self.cut())
    }

    pub(super) fn skip_to(&mut self, offset: u64) -> Result<(), Error> {
        let count = offset
            .checked_sub(self.here())
            .ok_or_else(|| self.malformed("augmentation data longer than announced"))?;
        self.rest.skip(count as usize).map_err(|_| self.cut())
    }

    /// What is left are the CFA instructions. They hold no address in code that we patch (`DW_CFA_set_loc` would need
    /// one), so every relocation must have been used by a pointer.
    pub(super) fn finish(self) -> Result<&'data [u8], Error> {
        if self.section.relocation_count(self.start, self.end) != self.relocated {
            return Err(self.unsupported("an address outside of the known pointers"));
        }
        Ok(self.rest.slice())
    }
}

/// What a pointer leads to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'data> {
    entry: &'data Rela,
}

impl<'data> Target<'data> {
    fn symbol(
        self,
        record: &Record<'_, 'data>,
    ) -> Result<(SymbolIndex, &'data Sym64<LittleEndian>), Error> {
        let index = SymbolIndex(self.entry.r_sym(LittleEndian, false) as usize);
        let symbol = record.section.elf.elf_symbol_table().symbol(index);
        let symbol =
            symbol.map_err(|_| record.malformed("a pointer to a symbol that does not exist"))?;
        Ok((index, symbol))
    }

    /// Section and offset in it.
    pub(super) fn defined(self, record: &Record<'_, 'data>) -> Result<(SectionIndex, u64), Error> {
        let (index, symbol) = self.symbol(record)?;
        let table = record.section.elf.elf_symbol_table();
        let section = table.symbol_section(LittleEndian, symbol, index);
        let offset = symbol
            .st_value
            .get(LittleEndian)
            .checked_add_signed(self.entry.r_addend.get(LittleEndian));
        match (section, offset) {
            (Ok(Some(section)), Some(offset)) => Ok((section, offset)),
            _ => Err(record.malformed("a pointer that leads out of the object")),
        }
    }

    pub(super) fn name(self, record: &Record<'_, 'data>) -> Result<&'data str, Error> {
        let (_, symbol) = self.symbol(record)?;
        let name = record
            .section
            .elf
            .elf_symbol_table()
            .symbol_name(LittleEndian, symbol);
        name.ok()
            .and_then(|name| std::str::from_utf8(name).ok())
            .filter(|name| !name.is_empty())
            .ok_or_else(|| record.malformed("a personality routine without a name"))
    }
}

fn kind(entry: &Rela) -> RelocationType {
    entry.r_type(LittleEndian, false)
}

fn malformed(offset: u64, what: &'static str) -> Error {
    Error::Malformed { offset, what }
}

fn unsupported(offset: u64, what: &'static str) -> Error {
    Error::Unsupported { offset, what }
}
