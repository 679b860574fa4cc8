//! ELF files by their tables (gABI; the layouts below are those of ELF64).

use super::{bytes, json};
use crate::random::Random;
use std::ops::Range;

/// (offset, width) of the fields of each record.
const FILE_HEADER: [(usize, usize); 13] = [
    (16, 2),
    (18, 2),
    (20, 4),
    (24, 8),
    (32, 8),
    (40, 8),
    (48, 4),
    (52, 2),
    (54, 2),
    (56, 2),
    (58, 2),
    (60, 2),
    (62, 2),
];
const PROGRAM_HEADER: [(usize, usize); 8] = [
    (0, 4),
    (4, 4),
    (8, 8),
    (16, 8),
    (24, 8),
    (32, 8),
    (40, 8),
    (48, 8),
];
const SECTION_HEADER: [(usize, usize); 10] = [
    (0, 4),
    (4, 4),
    (8, 8),
    (16, 8),
    (24, 8),
    (32, 8),
    (40, 4),
    (44, 4),
    (48, 8),
    (56, 8),
];
const SYMBOL: [(usize, usize); 6] = [(0, 4), (4, 1), (5, 1), (6, 2), (8, 8), (16, 8)];
const RELOCATION: [(usize, usize); 4] = [(0, 8), (8, 4), (12, 4), (16, 8)];
const DYNAMIC: [(usize, usize); 2] = [(0, 8), (8, 8)];

const SHT_SYMTAB: u32 = 2;
const SHT_RELA: u32 = 4;
const SHT_DYNAMIC: u32 = 6;
const SHT_NOBITS: u32 = 8;
const SHT_DYNSYM: u32 = 11;

/// Kinds that compilers use, and some that they do not.
const RELOCATION_KINDS: [u32; 18] = [
    0, 1, 2, 4, 6, 8, 9, 10, 11, 17, 18, 19, 20, 21, 22, 23, 24, 42,
];

struct Section {
    kind: u32,
    contents: Range<usize>,
}

pub fn mutate(data: &mut [u8], random: &mut Random) {
    let sections = sections(data);
    match random.below(16) {
        0 => record(data, 0, &FILE_HEADER, random),
        1 => {
            let (start, count) = (word(data, 32, 8), word(data, 56, 2));
            entry(data, start, count, 56, &PROGRAM_HEADER, random);
        }
        2 | 3 => {
            let (start, count) = (word(data, 40, 8), word(data, 60, 2));
            entry(data, start, count, 64, &SECTION_HEADER, random);
        }
        4 => copy_header(data, random),
        5 | 6 => table(data, &sections, &[SHT_SYMTAB, SHT_DYNSYM], random),
        7..=9 => table(data, &sections, &[SHT_RELA], random),
        10 => table(data, &sections, &[SHT_DYNAMIC], random),
        _ => contents(data, &sections, random),
    }
}

fn word(data: &[u8], at: usize, width: usize) -> usize {
    let mut word = [0; 8];
    let field = at.checked_add(width).and_then(|end| data.get(at..end));
    for (to, from) in word.iter_mut().zip(field.unwrap_or_default()) {
        *to = *from;
    }
    u64::from_le_bytes(word) as usize
}

fn sections(data: &[u8]) -> Vec<Section> {
    let (start, count) = (word(data, 40, 8), word(data, 60, 2));
    let header = |index: usize| {
        let at = start.saturating_add(index * 64);
        let contents = word(data, at.saturating_add(24), 8);
        let size = word(data, at.saturating_add(32), 8);
        Section {
            kind: word(data, at.saturating_add(4), 4) as u32,
            contents: contents..contents.saturating_add(size),
        }
    };
    (0..count.min(4096)).map(header).collect()
}

/// One field of the record at `at`.
fn record(data: &mut [u8], at: usize, fields: &[(usize, usize)], random: &mut Random) {
    if let Some((offset, width)) = random.pick(fields) {
        bytes::number(data, at.saturating_add(*offset), *width, random);
    }
}

/// One field of one entry of a table.
fn entry(
    data: &mut [u8],
    start: usize,
    count: usize,
    size: usize,
    fields: &[(usize, usize)],
    random: &mut Random,
) {
    let at = start.saturating_add(size * random.below(count));
    record(data, at, fields, random);
}

/// Two sections in one place, or two of one name.
fn copy_header(data: &mut [u8], random: &mut Random) {
    let (start, count) = (word(data, 40, 8), word(data, 60, 2));
    let header = |index| start.checked_add(64 * index);
    let (offset, width) = random
        .pick(&[(0, 64), (24, 16), (0, 4), (40, 8)])
        .copied()
        .unwrap_or((0, 64));
    let (from, to) = (header(random.below(count)), header(random.below(count)));
    if let (Some(from), Some(to)) = (from, to) {
        let end = from.max(to).saturating_add(64);
        if end <= data.len() {
            data.copy_within(from + offset..from + offset + width, to + offset);
        }
    }
}

fn table(data: &mut [u8], sections: &[Section], kinds: &[u32], random: &mut Random) {
    let tables: Vec<&Section> = sections
        .iter()
        .filter(|s| kinds.contains(&s.kind))
        .collect();
    let Some(section) = random.pick(&tables) else {
        return;
    };
    let (size, fields): (usize, &[(usize, usize)]) = match section.kind {
        SHT_RELA => (24, &RELOCATION),
        SHT_DYNAMIC => (16, &DYNAMIC),
        _ => (24, &SYMBOL),
    };
    let count = section.contents.len().min(data.len()) / size;
    let at = section
        .contents
        .start
        .saturating_add(size * random.below(count));
    if section.kind == SHT_RELA && random.one_in(4) {
        let kind = random.pick(&RELOCATION_KINDS).copied().unwrap_or_default();
        let field = at
            .checked_add(8)
            .and_then(|at| data.get_mut(at..at.checked_add(4)?));
        if let Some(field) = field {
            field.copy_from_slice(&kind.to_le_bytes());
        }
    } else {
        record(data, at, fields, random);
    }
}

/// Inside of one section: small ones as often as large ones, for there every byte counts.
fn contents(data: &mut [u8], sections: &[Section], random: &mut Random) {
    let filled: Vec<&Section> = sections
        .iter()
        .filter(|s| s.kind != SHT_NOBITS && !s.contents.is_empty())
        .collect();
    let Some(section) = random.pick(&filled) else {
        return bytes::within(data, 0..usize::MAX, random);
    };
    let range = section.contents.start.min(data.len())..section.contents.end.min(data.len());
    if data
        .get(range.clone())
        .is_some_and(|bytes| bytes.starts_with(b"{\""))
    {
        return json::mutate_in_place(data.get_mut(range).unwrap_or_default(), random);
    }
    bytes::within(data, range, random);
}
