//! Addresses from sizes.
use super::parts::{Part, Segment, PARTS};
use super::{dynamic, frame_table, BlockKind, BlockSpec, Error, ImageSpec};

pub(super) const PAGE: u64 = 4096;
pub(super) const FILE_HEADER: u64 = 64;
pub(super) const PROGRAM_HEADER: u64 = 56;
/// Everything in a patch reaches everything else by a signed 32-bit displacement.
const LIMIT: u64 = 1 << 31;

/// PT_TLS: the initial image of the new thread-locals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsImage {
    /// Address of the initial contents in the image.
    pub address: u64,
    /// Bytes with contents (`.tdata`).
    pub file_size: u64,
    /// Bytes with `.tbss`.
    pub mem_size: u64,
    pub align: u64,
}

/// A loaded section's place. `size` 0 means that the image does not have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) address: u64,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) align: u64,
}

/// Where everything lies, relative to the image's load bias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    blocks: Vec<u64>,
    places: [Place; PARTS.len()],
    /// Bytes of the file up to the end of the last loaded section.
    pub(super) loaded: u64,
}

impl Layout {
    /// Gives every block and table its address. The same spec always gives the same layout.
    pub fn new(spec: &ImageSpec) -> Result<Layout, Error> {
        let mut layout = Layout {
            blocks: vec![0; spec.blocks.len()],
            places: [Place::default(); PARTS.len()],
            loaded: 0,
        };
        let mut within = layout.stack_blocks(spec)?;
        layout.size_tables(spec)?;
        layout.assign_addresses(spec.text_floor)?;
        for (block, offset) in spec.blocks.iter().zip(&mut within) {
            *offset += layout.place(Part::of(block.kind)).address;
        }
        layout.blocks = within;
        Ok(layout)
    }

    /// Puts blocks of one part one after another; gives each block's offset in its part.
    fn stack_blocks(&mut self, spec: &ImageSpec) -> Result<Vec<u64>, Error> {
        let mut within = Vec::with_capacity(spec.blocks.len());
        for block in &spec.blocks {
            let align = block_align(block)?;
            let place = &mut self.places[Part::of(block.kind) as usize];
            let offset = place.size.next_multiple_of(align);
            place.size = bounded(offset, block.size)?;
            place.align = place.align.max(align);
            within.push(offset);
        }
        Ok(within)
    }

    fn size_tables(&mut self, spec: &ImageSpec) -> Result<(), Error> {
        let relocations = spec
            .relative_relocations
            .saturating_add(spec.other_relocations);
        let tables = [
            (Part::Note, dynamic::note_size(&spec.build_id)),
            (Part::Hash, dynamic::hash_size(spec)),
            (Part::DynSym, dynamic::symbols_size(spec)),
            (Part::DynStr, dynamic::strings_size(spec)),
            (Part::Rela, (relocations as u64).saturating_mul(24)),
            (Part::EhFrameHdr, frame_table::size(spec)),
            (Part::EhFrame, spec.eh_frame_size),
            (Part::Dynamic, dynamic::entries_size(spec)),
        ];
        for (part, size) in tables {
            self.places[part as usize].size = bounded(0, size)?;
        }
        Ok(())
    }

    /// Walks the parts in order. A new segment starts on a new page, in the file and in memory.
    fn assign_addresses(&mut self, text_floor: u64) -> Result<(), Error> {
        let headers = FILE_HEADER + PROGRAM_HEADER * self.program_headers().count() as u64;
        let (mut address, mut offset) = (headers, headers);
        let mut segment = Segment::Read;
        let tls_align = self
            .place(Part::TlsData)
            .align
            .max(self.place(Part::TlsBss).align);
        for part in PARTS {
            if self.place(part).size == 0 {
                continue;
            }
            if part.segment() != segment {
                segment = part.segment();
                offset = offset.next_multiple_of(PAGE);
                address = address.next_multiple_of(PAGE);
                if part == Part::Text {
                    address = address.max(bounded(text_floor, PAGE - 1)? / PAGE * PAGE);
                }
            }
            let place = &mut self.places[part as usize];
            place.align = place.align.max(part.align());
            // The thread-local block starts where its strictest member may stand at offset 0.
            let start = if part == Part::TlsData {
                tls_align
            } else {
                place.align
            };
            let padding = address.next_multiple_of(start) - address;
            place.address = address + padding;
            place.offset = offset + padding;
            let end = bounded(place.address, place.size)?;
            match part {
                // `.tbss` takes room in each thread's block and none in the image.
                Part::TlsBss => {}
                Part::Bss => address = end,
                _ => {
                    address = end;
                    offset = place.offset + place.size;
                }
            }
        }
        self.loaded = offset;
        Ok(())
    }

    pub(super) fn place(&self, part: Part) -> Place {
        self.places.get(part as usize).copied().unwrap_or_default()
    }

    pub(super) fn has(&self, part: Part) -> bool {
        self.place(part).size > 0
    }

    /// Whether 8 bytes at an address lie in a writable section with contents, so that a relocation may write them.
    pub(super) fn is_writable_word(&self, address: u64) -> bool {
        [Part::TlsData, Part::Relro, Part::Got, Part::Data]
            .into_iter()
            .any(|part| {
                let place = self.place(part);
                let end = address.checked_add(8);
                address >= place.address && end.is_some_and(|end| end <= place.address + place.size)
            })
    }

    /// Address of a block of `ImageSpec::blocks`. For thread-locals it is the address of the initial contents:
    /// subtract `tls().address` for the offset in the TLS block.
    pub fn block(&self, index: usize) -> Option<u64> {
        self.blocks.get(index).copied()
    }

    /// Address of `.eh_frame`, 0 without one.
    pub fn eh_frame(&self) -> u64 {
        self.place(Part::EhFrame).address
    }

    pub fn tls(&self) -> Option<TlsImage> {
        let (data, bss) = (self.place(Part::TlsData), self.place(Part::TlsBss));
        let first = if data.size > 0 { data } else { bss };
        let last = if bss.size > 0 { bss } else { data };
        (first.size > 0).then(|| TlsImage {
            address: first.address,
            file_size: data.size,
            mem_size: last.address + last.size - first.address,
            align: data.align.max(bss.align),
        })
    }

    /// Bytes of address space from 0 to the end of the last segment, a whole number of pages.
    pub fn memory_size(&self) -> u64 {
        let ends = PARTS
            .iter()
            .filter(|part| **part != Part::TlsBss)
            .map(|part| self.place(*part))
            .map(|place| place.address + place.size);
        ends.max().unwrap_or(0).next_multiple_of(PAGE)
    }
}

fn block_align(block: &BlockSpec) -> Result<u64, Error> {
    let align = block.align.max(1);
    if !align.is_power_of_two() || align > PAGE {
        return Err(Error::Alignment {
            block: block.name.clone(),
            align,
        });
    }
    let least = if block.kind == BlockKind::Text { 16 } else { 1 };
    Ok(align.max(least))
}

fn bounded(start: u64, size: u64) -> Result<u64, Error> {
    start
        .checked_add(size)
        .filter(|end| *end <= LIMIT)
        .ok_or(Error::TooLarge)
}
