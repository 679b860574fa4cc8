//! The search itself.
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::finding::{Finding, Holder, Unknown, Who};
use super::question::{extent, Absent, Layout, Question};
use super::stacks::{is_in, own_live, owner};
use super::words::{scan, Stop, Wanted, BATCH, WORD};
use crate::arch::RED_ZONE;
use crate::checkpoint::{Checkpoint, Stand};
use crate::memory_map::{lines, Area, Pages, MAPS};
use crate::os::tasks::Tasks;
use crate::patience::Patience;
use crate::refusal::Refusal;
use crate::unwinding::Unwinder;

/// A search that takes longer is given up: the program stands still meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Room for text of the list of mappings, beside twice what it takes at present: the threads run on until they are held.
const MORE_MAPPINGS: usize = 1 << 20;

/// A search, with all the room that it needs.
pub struct Search {
    absent: Vec<Absent>,
    layout: Layout,
    wanted: Wanted,
    unwinder: Unwinder,
    skipped: Vec<(usize, usize)>,
    data: Vec<(usize, usize)>,
    threads: Vec<Stand>,
    maps: File,
    text: Vec<u8>,
    pages: Pages,
    buffer: Vec<u8>,
}

impl Search {
    /// Makes room for a search with `room` threads. `constants` are pages that are writable only for the patch.
    pub fn prepare(
        question: Question,
        constants: impl Iterator<Item = (usize, usize)>,
        room: usize,
    ) -> io::Result<Self> {
        let Question {
            absent,
            layout,
            mut skipped,
            data,
        } = question;
        let known = fs::read(MAPS)?.len();
        skipped.extend(constants);
        let unwinder = Unwinder::prepare();
        skipped.extend(unwinder.memory());
        // Two for each thread, for what is dead on its stacks, and one for each block below.
        skipped.reserve_exact(room * 2 + 9);
        let mut search = Self {
            wanted: Wanted::of(&absent, room),
            unwinder,
            absent,
            layout,
            skipped,
            data,
            threads: Vec::with_capacity(room),
            maps: File::open(MAPS)?,
            text: vec![0; known * 2 + MORE_MAPPINGS],
            pages: Pages::open()?,
            buffer: vec![0; BATCH],
        };
        // They hold what is looked for, or copies of what is looked at.
        let blocks = [
            extent(&search.absent),
            room_of(&search.skipped),
            room_of(&search.threads),
            extent(&search.text),
            search.pages.buffer(),
            extent(&search.buffer),
        ];
        search.skipped.extend(blocks);
        search.skipped.extend(search.wanted.memory());
        Ok(search)
    }

    /// Looks at the whole process. Every thread but the calling one is held, and stays so until this returns.
    pub fn run(&mut self, checkpoint: &Checkpoint) -> Result<(), Finding> {
        let tasks = checkpoint.tasks();
        for stand in checkpoint.stands() {
            self.add(stand).map_err(Finding::Unknown)?;
            if let Some(word) = self.call_of(&stand) {
                let holder = Holder::Pc(Who::of(tasks, stand.tid));
                return Err(Finding::Word { word, holder });
            }
        }
        let length = self.read_maps().map_err(Finding::Unknown)?;
        // Taken for the moment, so that it can be read beside the rest. An empty one takes no memory.
        let text = std::mem::take(&mut self.text);
        let maps = text.get(..length).unwrap_or_default();
        let result = self
            .skip_dead(maps)
            .map_err(Finding::Unknown)
            .and_then(|()| self.look_at_all(maps, tasks));
        self.text = text;
        result
    }

    /// A place in the wanted code that a thread is in or will return to. When its calls can be told, others that look like one
    /// on its stack count for nothing from then on.
    fn call_of(&mut self, stand: &Stand) -> Option<usize> {
        let Self {
            unwinder, wanted, ..
        } = self;
        if wanted.has(stand.pc) {
            return Some(stand.pc);
        }
        let frame = stand.frame?;
        let mut found = None;
        let walked = unwinder.walk(frame.at, |pc| {
            found = wanted.has(pc).then_some(pc);
            found.is_none()
        });
        if let Ok(Some(end)) = walked {
            wanted.knows_calls(stand.sp.saturating_sub(RED_ZONE), end);
        }
        found
    }

    /// What lies below a frame is the handler that holds the thread, and below that nothing that is in use.
    fn skip_dead(&mut self, maps: &[u8]) -> Result<(), Unknown> {
        for at in 0..self.threads.len() {
            let frame = self.threads.get(at).and_then(|stand| stand.frame);
            if let Some((at, (start, _))) = frame.and_then(|f| Some((f.at, f.alternate?))) {
                self.skip(start, at)?;
            }
        }
        for area in lines(maps).flatten() {
            self.skip_dead_of(&area)?;
        }
        self.skipped.sort_unstable();
        Ok(())
    }

    /// On the stacks in one area. The guard below the area is that of the lowest of them, if it has no other.
    fn skip_dead_of(&mut self, area: &Area<&[u8]>) -> Result<(), Unknown> {
        let all = self.threads.iter();
        let lowest = all.filter_map(|stand| own_live(stand, area)).min();
        for at in 0..self.threads.len() {
            let stand = self.threads.get(at);
            let Some(low) = stand.and_then(|stand| own_live(stand, area)) else {
                continue;
            };
            let guard = self.pages.guard_below(low, area.start);
            let is_first = area.is_stack() && Some(low) == lowest;
            let bottom = guard.map_err(Unknown::List)?;
            if let Some(bottom) = bottom.or(is_first.then_some(area.start)) {
                self.skip(bottom, low)?;
            }
        }
        Ok(())
    }

    fn skip(&mut self, start: usize, end: usize) -> Result<(), Unknown> {
        if self.skipped.len() == self.skipped.capacity() {
            return Err(Unknown::Room);
        }
        self.skipped.push((start, end));
        Ok(())
    }

    /// Stacks come first: a thread says more than an address.
    fn look_at_all(&mut self, maps: &[u8], tasks: &Tasks) -> Result<(), Finding> {
        let mut patience = Patience::of(PATIENCE);
        for of_threads in [true, false] {
            for area in lines(maps) {
                let not_understood = || io::Error::from(io::ErrorKind::InvalidData);
                let area = area.ok_or_else(|| Finding::Unknown(Unknown::List(not_understood())))?;
                let is_of_thread = self.threads.iter().any(|stand| is_in(stand, &area));
                if !area.may_hold_words() || is_of_thread != of_threads {
                    continue;
                }
                match self.look_at(&area, &mut patience) {
                    Ok(()) => {}
                    Err(Stop::Unknown(unknown)) => return Err(Finding::Unknown(unknown)),
                    Err(Stop::Word { at, word }) => {
                        let owner = owner(&self.threads, at, &area);
                        let holder = owner.map_or(Holder::Memory(at), |tid| {
                            Holder::Thread(Who::of(tasks, tid))
                        });
                        return Err(Finding::Word { word, holder });
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, stand: Stand) -> Result<(), Unknown> {
        if stand.frame.is_none() {
            return Err(Unknown::Running(stand.tid));
        }
        if self.threads.len() == self.threads.capacity() {
            return Err(Unknown::Room);
        }
        self.threads.push(stand);
        Ok(())
    }

    /// The list of mappings as it is by now; gives its length.
    fn read_maps(&mut self) -> Result<usize, Unknown> {
        let mut length = 0;
        loop {
            let rest = self.text.get_mut(length..).unwrap_or_default();
            if rest.is_empty() {
                return Err(Unknown::Room);
            }
            match self.maps.read_at(rest, length as u64) {
                Ok(0) => return Ok(length),
                Ok(read) => length += read,
                Err(error) => return Err(Unknown::List(error)),
            }
        }
    }

    fn look_at(&mut self, area: &Area<&[u8]>, patience: &mut Patience) -> Result<(), Stop> {
        let mut data = self.data.iter();
        let is_data = data.any(|(start, end)| *start < area.end && area.start < *end);
        let mut at = area.start;
        for next in 0..self.skipped.len() {
            let Some((from, to)) = self.skipped.get(next).copied() else {
                break;
            };
            if from >= area.end {
                break;
            }
            if from > at {
                self.read(at, from, is_data, patience)?;
            }
            at = at.max(to);
        }
        if at < area.end {
            self.read(at, area.end, is_data, patience)?;
        }
        Ok(())
    }

    /// Looks at every word between two addresses, of the program's `is_data` those too that nobody has touched.
    fn read(
        &mut self,
        start: usize,
        end: usize,
        is_data: bool,
        patience: &mut Patience,
    ) -> Result<(), Stop> {
        let Self {
            pages,
            buffer,
            wanted,
            ..
        } = self;
        if is_data {
            return scan(start & !(WORD - 1), end, wanted, buffer, patience);
        }
        let mut result = Ok(());
        let listed = pages.each_run(start & !(WORD - 1), end, |from, to| {
            result = scan(from, to, wanted, buffer, patience);
            result.is_ok()
        });
        listed.map_err(|error| Stop::Unknown(Unknown::List(error)))?;
        result
    }

    /// The answer to the session. Only when the threads run again: it allocates.
    pub fn explain(&self, finding: &Finding) -> Refusal {
        finding.explain(&self.absent, self.layout)
    }
}

/// Start and end of what a list takes, with the room that is not in use yet.
fn room_of<T>(list: &Vec<T>) -> (usize, usize) {
    let start = list.as_ptr() as usize;
    (start, start + list.capacity() * size_of::<T>())
}

#[cfg(test)]
mod tests {
    use super::super::question::Meaning;
    use super::*;
    use crate::os::stop::Frame;

    /// Addresses that belong to nobody.
    const CODE: usize = 0x6000_0001_0000;
    const TABLE: usize = 0x6000_0003_0000;

    fn ranges() -> Vec<Absent> {
        let one = |name: &str, meaning, start, end| Absent {
            name: name.into(),
            meaning,
            start,
            end,
        };
        vec![
            one("table", Meaning::Table, TABLE, TABLE + 32),
            one("app::parse", Meaning::Code, CODE, CODE + 0x100),
            one(
                "app::parse::inner",
                Meaning::Code,
                CODE + 0x80,
                CODE + 0x180,
            ),
        ]
    }

    fn search(skipped: Vec<(usize, usize)>) -> Search {
        let question = Question {
            absent: ranges(),
            layout: Layout::Old,
            skipped,
            data: Vec::new(),
        };
        Search::prepare(question, std::iter::empty(), 4).unwrap()
    }

    /// Memory that stands for an area of the program.
    fn area(words: &[usize], has_guard: bool) -> Area<&'static [u8]> {
        let (start, end) = extent(words);
        Area {
            start,
            end,
            is_readable: true,
            is_writable: true,
            is_anonymous: true,
            name: b"",
            has_guard,
        }
    }

    fn found(search: &mut Search, area: &Area<&[u8]>) -> Option<usize> {
        search.skip_dead_of(area).unwrap();
        search.skipped.sort_unstable();
        match search.look_at(area, &mut Patience::of(PATIENCE)) {
            Ok(()) => None,
            Err(Stop::Word { at, .. }) => Some((at - area.start) / WORD),
            Err(Stop::Unknown(unknown)) => panic!("{unknown:?}"),
        }
    }

    #[test]
    fn words_from_the_start_to_before_the_end_are_found() {
        let search = search(Vec::new());
        let wanted = [CODE, CODE + 0x17f, TABLE, TABLE + 31];
        assert!(wanted.iter().all(|word| search.wanted.has(*word)));
        let others = [0, CODE - 1, CODE + 0x180, TABLE - 1, TABLE + 32, usize::MAX];
        assert!(!others.iter().any(|word| search.wanted.has(*word)));
    }

    #[test]
    fn memory_is_looked_at_but_for_what_is_skipped() {
        let mut words = vec![0; 2 * BATCH / WORD];
        words[3] = CODE + 5;
        words[BATCH / WORD + 1] = TABLE;
        let area = area(&words, false);
        assert_eq!(found(&mut search(Vec::new()), &area), Some(3));
        let skipped = vec![(area.start + 16, area.start + 40), (0, area.start + 8)];
        assert_eq!(found(&mut search(skipped), &area), Some(BATCH / WORD + 1));
        assert_eq!(found(&mut search(vec![(0, usize::MAX)]), &area), None);
        drop(words);
    }

    #[test]
    fn a_stack_is_looked_at_from_the_frame_of_the_lowest_thread() {
        let mut words = vec![0; 512];
        words[10] = CODE + 5;
        let area = area(&words, true);
        let at = |word: usize| area.start + word * WORD;
        let thread_pointer = at(500);
        let frame = |at, alternate| {
            Some(Frame {
                at,
                alternate,
                thread_pointer,
            })
        };
        let stand = |tid, sp, frame| Stand {
            tid,
            pc: 0,
            sp,
            frame,
        };
        for (sp, frame, sees) in [
            (at(300), frame(at(11), None), false),
            (at(300), frame(at(10), None), true),
            // In a handler of the program's on the alternate stack.
            (at(300), frame(at(11), Some((at(0), at(400)))), false),
            (at(300), frame(at(10), Some((at(0), at(400)))), true),
            // On another stack: from the red zone on.
            (at(27), frame(8, Some((8, 16))), false),
            (at(26), frame(8, Some((8, 16))), true),
        ] {
            let mut search = search(Vec::new());
            search.add(stand(1, at(400), frame)).unwrap();
            search.add(stand(2, sp, frame)).unwrap();
            assert_eq!(
                found(&mut search, &area).is_some(),
                sees,
                "{sp:#x} {frame:?}"
            );
        }
        // On the stack of a coroutine: who knows what is below.
        let mut other = search(Vec::new());
        let away = frame(at(11), None).map(|frame| Frame {
            thread_pointer: 8,
            ..frame
        });
        other.add(stand(1, at(300), away)).unwrap();
        assert_eq!(found(&mut other, &area), Some(10));
        let mut search = search(Vec::new());
        assert!(search.add(stand(1, at(300), None)).is_err(), "not held");
        search.add(stand(1, at(100), frame(at(40), None))).unwrap();
        search.add(stand(2, at(300), frame(at(200), None))).unwrap();
        search
            .add(stand(3, 8, frame(at(450), Some((at(440), at(500))))))
            .unwrap();
        let owners = [0, 40, 199, 200, 460].map(|word| owner(&search.threads, at(word), &area));
        assert_eq!(owners, [None, Some(1), Some(1), Some(2), Some(3)]);
        drop(words);
    }

    #[test]
    fn the_whole_list_of_mappings_is_read_or_none() {
        let mut search = search(Vec::new());
        let length = search.read_maps().unwrap();
        assert!(lines(&search.text[..length]).all(|line| line.is_some()));
        search.text.truncate(16);
        assert!(matches!(search.read_maps(), Err(Unknown::Room)));
    }
}
