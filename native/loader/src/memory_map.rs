//! What is mapped in this process (/proc/self/maps), and which of its pages have contents (/proc/self/pagemap; proc(5)).
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use crate::os::memory::PAGE;

/// One mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area<Name = String> {
    pub start: usize,
    pub end: usize,
    pub is_readable: bool,
    pub is_writable: bool,
    /// No file stands behind it.
    pub is_anonymous: bool,
    /// A path, `[heap]`, `[stack]` or nothing.
    pub name: Name,
    /// Nobody can access what lies right below, as with a stack that has a guard.
    pub has_guard: bool,
}

impl<Name: AsRef<[u8]>> Area<Name> {
    /// Whether the program may have put words of its own there. What it could read and not write from the start holds
    /// nothing but the contents of a file; memory without a file it may have written before it was protected.
    pub fn may_hold_words(&self) -> bool {
        let kernels_own = self.name.as_ref().starts_with(b"[v");
        self.is_readable && (self.is_writable || self.is_anonymous) && !kernels_own
    }

    /// Whether what lies below the stack pointer of a thread in it is no part of anything else.
    pub fn is_stack(&self) -> bool {
        self.has_guard || self.name.as_ref() == b"[stack]"
    }

    /// Whether `address` lies in it.
    pub fn contains(&self, address: usize) -> bool {
        (self.start..self.end).contains(&address)
    }
}

/// The file that lists them.
pub const MAPS: &str = "/proc/self/maps";

/// All mappings, ascending.
pub fn areas() -> io::Result<Vec<Area>> {
    let text = fs::read(MAPS)?;
    Ok(lines(&text).flatten().map(Area::owned).collect())
}

impl Area<&[u8]> {
    fn owned(self) -> Area {
        Area {
            start: self.start,
            end: self.end,
            is_readable: self.is_readable,
            is_writable: self.is_writable,
            is_anonymous: self.is_anonymous,
            name: String::from_utf8_lossy(self.name).into_owned(),
            has_guard: self.has_guard,
        }
    }
}

/// The mappings that the text of [`MAPS`] lists, none for a line that is not understood. Does not allocate.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Option<Area<&[u8]>>> {
    let mut inaccessible_to = None;
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.is_empty()).map(move |line| {
        let (area, is_accessible) = parse_line(line, inaccessible_to)?;
        inaccessible_to = (!is_accessible).then_some(area.end);
        Some(area)
    })
}

/// `start-end perms offset device inode name`.
fn parse_line(line: &[u8], inaccessible_to: Option<usize>) -> Option<(Area<&[u8]>, bool)> {
    let mut rest = line;
    let mut word = || {
        let trimmed = rest.trim_ascii_start();
        let end = trimmed.iter().position(u8::is_ascii_whitespace);
        let (word, behind) = trimmed.split_at_checked(end.unwrap_or(trimmed.len()))?;
        rest = behind;
        (!word.is_empty()).then_some(word)
    };
    let (start, end) = std::str::from_utf8(word()?).ok()?.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    let permissions = word()?;
    let (_offset, _device) = (word()?, word()?);
    let inode = word()?;
    let area = Area {
        start,
        end,
        is_readable: permissions.first() == Some(&b'r'),
        is_writable: permissions.get(1) == Some(&b'w'),
        is_anonymous: inode == b"0",
        name: rest.trim_ascii(),
        has_guard: inaccessible_to == Some(start),
    };
    Some((area, !permissions.starts_with(b"---")))
}

/// The pages that have contents, in memory or in swap. All others read as zeros or as their file.
pub struct Pages {
    file: File,
    entries: Vec<u8>,
}

/// Pages whose entries are read at once.
const BATCH: usize = 4096;
const ENTRY: usize = 8;
const PRESENT_OR_SWAPPED: u64 = 0b11 << 62;
/// Part of a guard that is no mapping of its own (madvise(2), MADV_GUARD_INSTALL), as stacks of glibc 2.42 have it; said
/// since Linux 6.15. Such a page also counts as swapped out.
const GUARD: u64 = 1 << 58;

impl Pages {
    pub fn open() -> io::Result<Self> {
        Ok(Self {
            file: File::open("/proc/self/pagemap")?,
            entries: vec![0; BATCH * ENTRY],
        })
    }

    /// Start and end of the memory that it reads into.
    pub fn buffer(&self) -> (usize, usize) {
        let range = self.entries.as_ptr_range();
        (range.start as usize, range.end as usize)
    }

    /// Calls `each` with runs of such pages between two addresses, until it says false. They are those of some moment
    /// during the call. Does not allocate.
    pub fn each_run(
        &mut self,
        start: usize,
        end: usize,
        mut each: impl FnMut(usize, usize) -> bool,
    ) -> io::Result<()> {
        let Self { file, entries } = self;
        let mut page = start / PAGE;
        let last = end.div_ceil(PAGE);
        while page < last {
            let wanted = entries.get_mut(..(last - page).min(BATCH) * ENTRY);
            let wanted = wanted.unwrap_or_default();
            file.read_exact_at(wanted, (page * ENTRY) as u64)?;
            let mut run = None;
            for entry in wanted.chunks_exact(ENTRY) {
                let entry = entry.try_into().map_or(0, u64::from_le_bytes);
                if entry & PRESENT_OR_SWAPPED != 0 && entry & GUARD == 0 {
                    run = run.or(Some(page));
                } else if let Some(first) = run.take() {
                    if !each((first * PAGE).max(start), page * PAGE) {
                        return Ok(());
                    }
                }
                page += 1;
            }
            if let Some(first) = run {
                if !each((first * PAGE).max(start), (page * PAGE).min(end)) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The end of the nearest guard below `address` that is no mapping of its own, not below `floor`, nor much further down
    /// than stacks reach. Does not allocate.
    pub fn guard_below(&mut self, address: usize, floor: usize) -> io::Result<Option<usize>> {
        let Self { file, entries } = self;
        let last = address / PAGE;
        let first = (floor / PAGE).max(last.saturating_sub(BATCH - 1));
        let wanted = entries.get_mut(..(last + 1).saturating_sub(first) * ENTRY);
        let wanted = wanted.unwrap_or_default();
        file.read_exact_at(wanted, (first * ENTRY) as u64)?;
        let is_guard = |entry: &[u8]| entry.try_into().map_or(0, u64::from_le_bytes) & GUARD != 0;
        let mut pages = wanted.chunks_exact(ENTRY);
        Ok(pages.rposition(is_guard).map(|at| (first + at + 1) * PAGE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_tells_stacks_from_what_has_a_file() {
        let text = b"555555554000-555555555000 r--p 00000000 08:01 42  /home/user/a b\n\
            555555555000-555555556000 rw-p 00001000 08:01 42  /home/user/a b\n\
            7ffff0000000-7ffff0001000 ---p 00000000 00:00 0 \n\
            7ffff0001000-7ffff0101000 rw-p 00000000 00:00 0 \n\
            7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0   [stack]\n\
            ffffffffff600000-ffffffffff601000 r--p 00000000 00:00 0  [vvar]\n";
        let areas: Vec<_> = lines(text).map(Option::unwrap).collect();
        let of = |ask: fn(&Area<&[u8]>) -> bool| areas.iter().map(ask).collect::<Vec<_>>();
        assert_eq!(
            of(|area| area.may_hold_words()),
            [false, true, false, true, true, false]
        );
        assert_eq!(
            of(|area| area.is_stack()),
            [false, false, false, true, true, false]
        );
        assert_eq!(areas[0].name, b"/home/user/a b");
        assert_eq!(areas[3].name, b"");
        let broken = b"555555554000 r--p 0 0 0\n1000-2000 r--p 0 0 0 x\n";
        assert_eq!(
            lines(broken).map(|line| line.is_some()).collect::<Vec<_>>(),
            [false, true]
        );
        assert_eq!(
            (areas[3].start, areas[3].end),
            (0x7fff_f000_1000, 0x7fff_f010_1000)
        );
    }

    #[test]
    fn pages_that_were_written_have_contents() {
        let mut memory = vec![0u8; 1024 * PAGE];
        let start = (memory.as_ptr() as usize).next_multiple_of(PAGE);
        let at = start - memory.as_ptr() as usize;
        memory[at + 5 * PAGE] = 1;
        memory[at + 6 * PAGE] = 1;
        let mut covered = Vec::new();
        let mut pages = Pages::open().unwrap();
        pages
            .each_run(start, start + 1000 * PAGE, |from, to| {
                covered.extend((from..to).step_by(PAGE));
                true
            })
            .unwrap();
        for page in [5, 6] {
            assert!(covered.contains(&(start + page * PAGE)));
        }
        assert!(covered.len() < 1000, "{} pages", covered.len());
    }
}
