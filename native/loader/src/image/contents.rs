//! The whole patch image, read and checked as far as that is possible without the program.
#![forbid(unsafe_code)]

use object::elf;
use object::read::elf::{FileHeader, SectionHeader};
use object::LittleEndian;

use super::frames::{self, Frames};
use super::headers;
use super::plan::Plan;
use super::relocations::{bytes_at, relocations, Relocation};
use crate::arch;
use crate::os::memory::PAGE;
use crate::refusal::{corrupt, Refusal};

/// A PT_LOAD segment, alone on its pages. `address` is in the image; `file_size` bytes at `offset` of the file start it, and
/// zeros fill it up to `size`.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub address: usize,
    pub offset: usize,
    pub file_size: usize,
    pub size: usize,
    pub flags: u32,
    /// It is written to while it is relocated, and never after that.
    pub is_settled: bool,
}

impl Segment {
    /// The flags once it is relocated.
    pub fn final_flags(&self) -> u32 {
        if self.is_settled {
            self.flags & !elf::PF_W.0
        } else {
            self.flags
        }
    }

    pub fn holds(&self, address: usize, size: usize) -> bool {
        within(address, size, self.address, self.size)
    }

    pub fn holds_in_file(&self, address: usize, size: usize) -> bool {
        within(address, size, self.address, self.file_size)
    }
}

/// The segment that this mutable section lies in is not settled.
fn note_mutable(segments: &mut [Segment], (address, size): (u64, u64)) {
    let (start, end) = (address, address.saturating_add(size));
    for segment in segments {
        let begins = segment.address as u64;
        let ends = begins.saturating_add(segment.size as u64);
        if size > 0 && start < ends && begins < end {
            segment.is_settled = false;
        }
    }
}

fn within(address: usize, size: usize, start: usize, length: usize) -> bool {
    address >= start
        && address
            .checked_add(size)
            .is_some_and(|end| end <= start + length)
}

/// Writable sections that nobody writes to once they are relocated. New thread-locals start as copies.
const CONSTANT: [&[u8]; 6] = [
    b".data.rel.ro",
    b".dynamic",
    b".got",
    b".got.plt",
    b".tdata",
    b".tbss",
];

#[derive(Debug)]
pub struct PatchImage<'d> {
    data: &'d [u8],
    pub segments: Vec<Segment>,
    pub relocations: Vec<Relocation<'d>>,
    pub frames: Option<Frames>,
    /// Start and size of the sections that the program may write to.
    pub mutable: Vec<(usize, usize)>,
    pub plan: Plan,
}

impl<'d> PatchImage<'d> {
    pub fn read(data: &'d [u8]) -> Result<Self, Refusal> {
        let header = headers::header(data)?;
        let program_headers = headers::program_headers(header, data)?;
        let mut segments = headers::segments(program_headers, data)?;
        let dynamic = headers::dynamic(program_headers, data)?;
        let relocations = relocations(data, &segments, &dynamic)?;
        let sections = header.sections(LittleEndian, data).map_err(corrupt)?;
        let section = |name: &[u8]| {
            sections
                .section_by_name(LittleEndian, name)
                .map(|(_, section)| section)
        };
        let plan = section(b".nx_hotpatch").ok_or_else(|| corrupt("it has no plan"))?;
        let plan = Plan::read(plan.data(LittleEndian, data).map_err(corrupt)?)?;
        let mut mutable = Vec::new();
        for section in sections.iter() {
            let name = sections.section_name(LittleEndian, section);
            let is_constant = name.is_ok_and(|name| CONSTANT.contains(&name));
            if section.sh_flags(LittleEndian).contains(elf::SHF_WRITE) && !is_constant {
                let place = (section.sh_addr(LittleEndian), section.sh_size(LittleEndian));
                note_mutable(&mut segments, place);
                if let (Ok(start), Ok(size)) = (usize::try_from(place.0), usize::try_from(place.1))
                {
                    mutable.push((start, size));
                }
            }
        }
        let place = |name: &[u8]| {
            let section = section(name)?;
            Some((section.sh_addr(LittleEndian), section.sh_size(LittleEndian)))
        };
        let frames = match place(b".eh_frame") {
            Some(records) => {
                let table = place(b".eh_frame_hdr");
                frames::read(data, &segments, records, table)?
            }
            None => None,
        };
        let image = Self {
            data,
            segments,
            relocations,
            frames,
            mutable,
            plan,
        };
        image.check_plan()?;
        Ok(image)
    }

    /// Whether the image only changes what is there: nothing in it would be used if it were in memory.
    pub fn is_textless(&self) -> bool {
        let code = |segment: &Segment| segment.flags & elf::PF_X.0 != 0;
        self.plan.redirects.is_empty()
            && self.plan.tls.is_none()
            && self.relocations.is_empty()
            && !self.segments.iter().any(code)
    }

    /// Whole pages from address 0 to the end of the last segment.
    pub fn size(&self) -> usize {
        self.segments.last().map_or(0, |segment| {
            (segment.address + segment.size).next_multiple_of(PAGE)
        })
    }

    /// The bytes that the file gives to a segment.
    pub fn contents(&self, segment: &Segment) -> &'d [u8] {
        self.data
            .get(segment.offset..segment.offset + segment.file_size)
            .unwrap_or_default()
    }

    /// Initial contents of the new thread-locals, as far as they are not zero.
    pub fn thread_local_image(&self) -> &'d [u8] {
        let tls = self.plan.tls;
        tls.and_then(|tls| bytes_at(self.data, &self.segments, tls.image, tls.file_size))
            .unwrap_or_default()
    }

    fn check_plan(&self) -> Result<(), Refusal> {
        for redirect in &self.plan.redirects {
            let new = usize::try_from(redirect.new).map_err(corrupt)?;
            let code = |segment: &Segment| {
                segment.flags & elf::PF_X.0 != 0 && segment.holds_in_file(new, 1)
            };
            if !self.segments.iter().any(code) {
                return Err(corrupt(format!(
                    "`{}` leads outside of its code",
                    redirect.symbol
                )));
            }
            if redirect.bytes.len() < arch::JUMP {
                return Err(corrupt(format!(
                    "`{}` has no bytes to be compared",
                    redirect.symbol
                )));
            }
        }
        for restore in &self.plan.restores {
            if restore.bytes.len() < arch::JUMP || restore.original.len() != arch::JUMP {
                return Err(corrupt(format!(
                    "`{}` has no bytes to be restored",
                    restore.symbol
                )));
            }
        }
        for write in &self.plan.writes {
            let in_word = write.at.rem_euclid(8) as usize + write.new.len() <= 8;
            if write.old.len() != write.new.len() || write.new.is_empty() || !in_word {
                return Err(corrupt(format!(
                    "the constant `{}` is not within one word",
                    write.symbol
                )));
            }
        }
        if let Some(range) = self
            .plan
            .absent
            .iter()
            .find(|range| range.start >= range.end)
        {
            return Err(corrupt(format!("`{}` is no range", range.name)));
        }
        if let Some(tls) = self.plan.tls {
            let sound = tls.file_size <= tls.mem_size
                && tls.align.is_power_of_two()
                && tls.align <= 64
                && tls.offset % tls.align == 0
                && bytes_at(self.data, &self.segments, tls.image, tls.file_size).is_some();
            if !sound {
                return Err(corrupt("its thread-locals are not where the plan says"));
            }
        }
        Ok(())
    }
}
