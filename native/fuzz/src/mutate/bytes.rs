//! Changes of bytes and of numbers, whatever they mean.

use crate::random::Random;
use std::ops::Range;

/// Numbers at which sizes, offsets and counts go wrong. `len` is the size of the file.
fn telling(len: usize, random: &mut Random) -> u64 {
    let len = len as u64;
    let all = [
        0,
        1,
        2,
        7,
        0x7f,
        0x80,
        0xff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        1 << 32,
        1 << 40,
        1 << 62,
        i64::MAX as u64,
        1 << 63,
        u64::MAX - 7,
        u64::MAX,
        len,
        len.wrapping_sub(1),
        len / 2,
        random.word(),
    ];
    random.pick(&all).copied().unwrap_or_default()
}

/// Changes the little-endian number of `width` bytes (8 at most) at `at`; nothing where there is none.
pub fn number(data: &mut [u8], at: usize, width: usize, random: &mut Random) {
    let len = data.len();
    let Some(field) = at
        .checked_add(width)
        .and_then(|end| data.get_mut(at..end))
        .filter(|field| field.len() <= 8)
    else {
        return;
    };
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(field.iter()) {
        *to = *from;
    }
    let now = u64::from_le_bytes(word);
    let next = match random.below(4) {
        0 => now.wrapping_add(1 + random.word() % 24),
        1 => now.wrapping_sub(1 + random.word() % 24),
        2 => now ^ (1 << random.below(width * 8)),
        _ => telling(len, random),
    };
    for (to, from) in field.iter_mut().zip(next.to_le_bytes()) {
        *to = from;
    }
}

/// A change within `range`, which is cut to the data.
pub fn within(data: &mut [u8], range: Range<usize>, random: &mut Random) {
    let end = range.end.min(data.len());
    let start = range.start.min(end);
    let Some(bytes) = data.get_mut(start..end).filter(|bytes| !bytes.is_empty()) else {
        return;
    };
    let at = random.below(bytes.len());
    match random.below(6) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.word() as u8;
            }
        }
        2 => {
            let width = *random.pick(&[1, 2, 4, 8]).unwrap_or(&1);
            number(bytes, at, width, random);
        }
        // A LEB128 that does not end, or ends beyond 64 bits.
        3 => fill(bytes, at, 1 + random.below(12), 0xff),
        4 => fill(bytes, at, 1 + random.below(12), 0),
        _ => {
            let from = random.below(bytes.len());
            let count = random.below(32).min(bytes.len() - from.max(at));
            bytes.copy_within(from..from + count, at);
        }
    }
}

fn fill(bytes: &mut [u8], at: usize, count: usize, value: u8) {
    let end = at.saturating_add(count).min(bytes.len());
    if let Some(bytes) = bytes.get_mut(at..end) {
        bytes.fill(value);
    }
}

pub fn mutate(data: &mut Vec<u8>, random: &mut Random) {
    match random.below(8) {
        0 => cut(data, random),
        1 => {
            let at = random.below(data.len() + 1);
            data.insert(at, random.word() as u8);
        }
        _ => within(data, 0..usize::MAX, random),
    }
}

/// Takes the end off, or puts zeros there.
pub fn cut(data: &mut Vec<u8>, random: &mut Random) {
    if random.one_in(4) {
        data.resize(data.len() + random.below(64), 0);
    } else {
        data.truncate(random.below(data.len() + 1));
    }
}
