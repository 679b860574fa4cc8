//! Archives: headers of 60 characters, a table of symbols in big-endian words, members (ar(5), System V variant).

use super::{bytes, elf};
use crate::random::Random;
use std::ops::Range;

pub fn mutate(data: &mut [u8], random: &mut Random) {
    let members = members(data);
    let Some(member) = random.pick(&members) else {
        return bytes::within(data, 0..usize::MAX, random);
    };
    match random.below(4) {
        0 => bytes::within(data, member.start.saturating_sub(60)..member.start, random),
        1 => {
            // The digits of its size.
            let at = member.start.saturating_sub(12) + random.below(10);
            if let Some(digit) = data.get_mut(at) {
                *digit = *random.pick(b"0123456789 -/").unwrap_or(&b'9');
            }
        }
        _ => {
            let contents = data.get_mut(member.clone()).unwrap_or_default();
            if contents.starts_with(b"\x7fELF") {
                elf::mutate(contents, random);
            } else {
                bytes::within(contents, 0..256, random);
            }
        }
    }
}

/// Contents of the members, as far as the headers can be believed.
fn members(data: &[u8]) -> Vec<Range<usize>> {
    let mut members = Vec::new();
    let mut at = 8usize;
    while let Some(header) = at.checked_add(60).and_then(|end| data.get(at..end)) {
        let size = header
            .get(48..58)
            .and_then(|size| std::str::from_utf8(size).ok());
        let Some(size) = size.and_then(|size| size.trim().parse::<usize>().ok()) else {
            break;
        };
        let start = at + 60;
        let end = start.saturating_add(size).min(data.len());
        members.push(start..end);
        // Members start at even offsets.
        at = end.next_multiple_of(2);
    }
    members
}
