//! What /proc tells about a thread: where it stands and which signals it blocks.
#![forbid(unsafe_code)]

use crate::os::tasks::{TaskFile, Tasks};

/// Where a thread stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the kernel, waiting; it goes on at `pc`.
    Waiting {
        pc: usize,
        sp: usize,
    },
    /// On a processor, or in line for one.
    Running,
    Gone,
}

/// Reads /proc/self/task/TID/syscall (proc(5)): `running`, or `-1 sp pc`, or `number six-arguments sp pc`.
pub fn place(tasks: &Tasks, tid: i32) -> Place {
    match tasks.open_file(tid, PLACE) {
        None => Place::Gone,
        Some(file) => place_in(&file),
    }
}

/// The file that tells where a thread stands.
pub const PLACE: &str = "syscall";

/// The same through a file that was opened before.
pub fn place_in(file: &TaskFile) -> Place {
    let mut buffer = [0; 256];
    file.read(&mut buffer).map_or(Place::Gone, parse_place)
}

fn parse_place(text: &[u8]) -> Place {
    let address = |word: &str| usize::from_str_radix(word.strip_prefix("0x")?, 16).ok();
    let mut words = std::str::from_utf8(text)
        .unwrap_or_default()
        .split_ascii_whitespace()
        .rev();
    match (
        words.next().and_then(address),
        words.next().and_then(address),
    ) {
        (Some(pc), Some(sp)) => Place::Waiting { pc, sp },
        _ => Place::Running,
    }
}

/// What the kernel shows of a thread that waits: the arguments of its system call and the pc; its stack pointer; and
/// its pc. None when it runs. `text` is what [`PLACE`] says.
pub fn words_in_kernel(text: &[u8]) -> Option<(Vec<usize>, usize, usize)> {
    let Place::Waiting { pc, sp } = parse_place(text) else {
        return None;
    };
    let mut words: Vec<usize> = std::str::from_utf8(text)
        .unwrap_or_default()
        .split_ascii_whitespace()
        .filter_map(|word| usize::from_str_radix(word.strip_prefix("0x")?, 16).ok())
        .collect();
    words.truncate(words.len().saturating_sub(2));
    words.push(pc);
    Some((words, sp, pc))
}

/// The set of signals that a thread blocks, signal n as bit n - 1; none when the thread is gone.
pub fn blocked_signals(tasks: &Tasks, tid: i32) -> Option<u64> {
    let mut buffer = [0; 8192];
    parse_blocked(tasks.read(tid, "status", &mut buffer)?)
}

fn parse_blocked(text: &[u8]) -> Option<u64> {
    const KEY: &[u8] = b"\nSigBlk:\t";
    let at = text.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let digits = text.get(at..at + 16)?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

pub fn blocks(set: u64, signal: i32) -> bool {
    u32::try_from(signal - 1)
        .ok()
        .and_then(|bit| set.checked_shr(bit))
        .is_some_and(|set| set & 1 == 1)
}

/// A thread in a sentence.
pub fn name(tasks: &Tasks, tid: i32) -> String {
    format!("thread `{}` ({tid})", comm(tasks, tid))
}

/// A thread in a list.
pub fn short_name(tasks: &Tasks, tid: i32) -> String {
    format!("{} ({tid})", comm(tasks, tid))
}

/// A thread's name, as the user knows it from `ps` and debuggers.
fn comm(tasks: &Tasks, tid: i32) -> String {
    let mut buffer = [0; 64];
    let name = tasks.read(tid, "comm", &mut buffer).unwrap_or_default();
    String::from_utf8_lossy(name).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_a_place_are_told_apart() {
        assert_eq!(parse_place(b"running\n"), Place::Running);
        assert_eq!(
            parse_place(b"-1 0x7ffd2b158018 0x7f319f2482ad\n"),
            Place::Waiting {
                pc: 0x7f31_9f24_82ad,
                sp: 0x7ffd_2b15_8018
            }
        );
        let call = b"202 0x7f 0x80 0x0 0x0 0x0 0xffffffff 0x7ffd2b158018 0x7f319f2482ad\n";
        assert_eq!(
            parse_place(call),
            Place::Waiting {
                pc: 0x7f31_9f24_82ad,
                sp: 0x7ffd_2b15_8018
            }
        );
    }

    #[test]
    fn a_waiting_thread_shows_its_arguments() {
        let call = b"202 0x7f 0x80 0x0 0x0 0x0 0xffffffff 0x7ffd2b158018 0x7f319f2482ad\n";
        let arguments = [0x7f, 0x80, 0, 0, 0, 0xffff_ffff, 0x7f31_9f24_82ad];
        assert_eq!(
            words_in_kernel(call),
            Some((arguments.to_vec(), 0x7ffd_2b15_8018, 0x7f31_9f24_82ad))
        );
        assert_eq!(words_in_kernel(b"running\n"), None);
    }

    #[test]
    fn a_blocked_signal_is_its_number_less_one() {
        let status =
            b"Name:\tx\nSigPnd:\t0000000000000000\nSigBlk:\t0000000000000010\nSigIgn:\t00\n";
        let set = parse_blocked(status).unwrap();
        assert!(blocks(set, 5) && !blocks(set, 4) && !blocks(set, 64));
        assert_eq!(parse_blocked(b"Name:\tx\n"), None);
    }
}
