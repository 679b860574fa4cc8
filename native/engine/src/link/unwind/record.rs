//! CIEs and FDEs field by field.
use super::encoding::Encoding;
use super::section::{kind, malformed, unsupported, Rela, Section};
use super::Error;
use gimli::{EndianSlice, LittleEndian as Little, Reader};
use object::elf::Sym64;
use object::{LittleEndian, SectionIndex, SymbolIndex};

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

impl<'s, 'data> Record<'s, 'data> {
    /// `start` is where the record's length stands, `body` what that length covers.
    pub(super) fn new(
        section: &'s Section<'s, 'data>,
        start: u64,
        body: EndianSlice<'data, Little>,
    ) -> Self {
        Record {
            section,
            start,
            end: start + 4 + body.len() as u64,
            rest: body,
            relocated: 0,
        }
    }

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
