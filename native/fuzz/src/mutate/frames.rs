//! Streams of frames: `u32 LE length`, `u8 type`, payload.

use super::{bytes, elf, json};
use crate::random::Random;

pub fn mutate(data: &mut Vec<u8>, random: &mut Random) {
    let mut frames = split(data);
    let at = random.below(frames.len());
    match random.below(8) {
        0 => return bytes::mutate(data, random),
        1 => {
            // Said twice, or in another order.
            let again = frames.get(at).cloned().unwrap_or_default();
            frames.insert(random.below(frames.len() + 1), again);
        }
        2 => {
            if let Some(kind) = frames.get_mut(at).and_then(|frame| frame.first_mut()) {
                *kind = random.below(14) as u8;
            }
        }
        _ => {
            if let Some(frame) = frames.get_mut(at) {
                payload(frame, random);
            }
        }
    }
    data.clear();
    for frame in frames {
        data.extend_from_slice(&(frame.len() as u32).to_le_bytes());
        data.extend_from_slice(&frame);
    }
    if random.one_in(8) {
        // The announced length of the first frame.
        bytes::number(data, 0, 4, random);
    }
}

/// Type and payload of each frame.
fn split(mut data: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<4>() {
        let length = (u32::from_le_bytes(*length) as usize).min(rest.len());
        let (frame, after) = rest.split_at(length);
        frames.push(frame.to_vec());
        data = after;
    }
    frames
}

/// Most payloads are JSON; those with bytes behind it have its length in front.
fn payload(frame: &mut Vec<u8>, random: &mut Random) {
    if frame.get(1) == Some(&b'{') {
        let mut text = frame.split_off(1);
        json::mutate(&mut text, random);
        frame.append(&mut text);
        return;
    }
    let image = frame.windows(4).position(|bytes| bytes == b"\x7fELF");
    match image {
        Some(at) if random.one_in(2) => {
            elf::mutate(frame.get_mut(at..).unwrap_or_default(), random)
        }
        _ => bytes::within(frame, 1..64, random),
    }
}
