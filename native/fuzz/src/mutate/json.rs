//! JSON: numbers at the edges of their types, broken nesting, foreign characters.

use crate::random::Random;

const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "0.5",
    "-0",
    "null",
    "true",
];

const PIECES: [&str; 10] = [
    "[", "]", "{", "}", "\"", ",", "\\u0000", "\\ud800", "\u{fffd}", "0x",
];

/// The size stays; what becomes shorter is filled up with blanks.
pub fn mutate_in_place(text: &mut [u8], random: &mut Random) {
    let mut changed = text.to_vec();
    mutate(&mut changed, random);
    changed.resize(text.len(), b' ');
    text.copy_from_slice(&changed);
}

pub fn mutate(text: &mut Vec<u8>, random: &mut Random) {
    match random.below(6) {
        0..=2 => number(text, random),
        3 => {
            let piece = random.pick(&PIECES).copied().unwrap_or_default();
            let at = random.below(text.len() + 1);
            text.splice(at..at, piece.bytes());
        }
        4 => {
            // Nested far deeper than anybody would.
            let at = random.below(text.len() + 1);
            let deep = vec![b'['; 1 + random.below(4096)];
            text.splice(at..at, deep);
        }
        _ => {
            let at = random.below(text.len());
            if let Some(byte) = text.get_mut(at) {
                *byte = random.word() as u8;
            }
        }
    }
}

fn number(text: &mut Vec<u8>, random: &mut Random) {
    let starts: Vec<usize> = (0..text.len())
        .filter(|&at| is_digit(text, at) && (at == 0 || !is_digit(text, at - 1)))
        .collect();
    let Some(&start) = random.pick(&starts) else {
        return;
    };
    let end = (start..text.len())
        .find(|&at| !is_digit(text, at))
        .unwrap_or(text.len());
    let value = random.pick(&NUMBERS).copied().unwrap_or_default();
    text.splice(start..end, value.bytes());
}

fn is_digit(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}
