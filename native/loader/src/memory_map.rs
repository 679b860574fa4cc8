//! What is mapped in this process (/proc/self/maps), and which of its pages have contents (/proc/self/pagemap; proc(5)).
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use crate::os::memory::PAGE;

/// One mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    pub start: usize,
    pub end: usize,
    pub is_readable: bool,
    pub is_writable: bool,
    /// No file stands behind it.
    pub is_anonymous: bool,
    /// A path, `[heap]`, `[stack]` or nothing.
    pub name: String,
    /// Nobody can access what lies right below, as with a stack that has a guard.
    pub has_guard: bool,
}

impl Area {
    /// Whether the program may have put words of its own there. What it could read and not write from the start holds
    /// nothing but the contents of a file; memory without a file it may have written before it was protected.
    pub fn may_hold_words(&self) -> bool {
        let kernels_own = self.name.starts_with("[v");
        self.is_readable && (self.is_writable || self.is_anonymous) && !kernels_own
    }

    /// Whether what lies below the stack pointer of a thread in it is no part of anything else.
    pub fn is_stack(&self) -> bool {
        self.has_guard || self.name == "[stack]"
    }
}

pub fn areas() -> io::Result<Vec<Area>> {
    Ok(parse(&fs::read("/proc/self/maps")?))
}

/// Lines of `start-end perms offset device inode name`.
fn parse(text: &[u8]) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    let mut inaccessible_to = None;
    for line in text.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let Some((area, is_accessible)) = parse_line(&line, inaccessible_to) else {
            continue;
        };
        inaccessible_to = (!is_accessible).then_some(area.end);
        areas.push(area);
    }
    areas
}

fn parse_line(line: &str, inaccessible_to: Option<usize>) -> Option<(Area, bool)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    let permissions = words.next()?;
    let inode = words.nth(2)?;
    let area = Area {
        start,
        end,
        is_readable: permissions.starts_with('r'),
        is_writable: permissions.get(1..2) == Some("w"),
        is_anonymous: inode == "0",
        name: words.collect::<Vec<_>>().join(" "),
        has_guard: inaccessible_to == Some(start),
    };
    Some((area, !permissions.starts_with("---")))
}

/// The pages that have contents, in memory or in swap. All others read as zeros or as their file.
pub struct Pages(File);

/// Pages whose entries are read at once.
const BATCH: usize = 4096;
const ENTRY: usize = 8;
const PRESENT_OR_SWAPPED: u64 = 0b11 << 62;

impl Pages {
    pub fn open() -> io::Result<Self> {
        Ok(Self(File::open("/proc/self/pagemap")?))
    }

    /// Calls `each` with runs of such pages between two addresses, until it says false. They are those of some moment
    /// during the call.
    pub fn each_run(
        &self,
        start: usize,
        end: usize,
        mut each: impl FnMut(usize, usize) -> bool,
    ) -> io::Result<()> {
        let mut entries = vec![0; BATCH * ENTRY];
        let mut page = start / PAGE;
        let last = end.div_ceil(PAGE);
        while page < last {
            let wanted = entries.get_mut(..(last - page).min(BATCH) * ENTRY);
            let wanted = wanted.unwrap_or_default();
            self.0.read_exact_at(wanted, (page * ENTRY) as u64)?;
            let has_contents = |entry: &[u8]| {
                let entry = entry.try_into().map_or(0, u64::from_le_bytes);
                entry & PRESENT_OR_SWAPPED != 0
            };
            let runs: Vec<bool> = wanted.chunks_exact(ENTRY).map(has_contents).collect();
            for run in runs.chunk_by(|a, b| a == b) {
                let (from, to) = (page * PAGE, (page + run.len()) * PAGE);
                page += run.len();
                if run.first() == Some(&true) && !each(from.max(start), to.min(end)) {
                    return Ok(());
                }
            }
        }
        Ok(())
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
        let areas = parse(text);
        let of = |ask: fn(&Area) -> bool| areas.iter().map(ask).collect::<Vec<_>>();
        assert_eq!(
            of(Area::may_hold_words),
            [false, true, false, true, true, false]
        );
        assert_eq!(of(Area::is_stack), [false, false, false, true, true, false]);
        assert_eq!(areas[0].name, "/home/user/a b");
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
        let pages = Pages::open().unwrap();
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
