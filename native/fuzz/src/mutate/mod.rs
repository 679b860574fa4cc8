//! Changes that keep an input readable for long enough to get deep: fields of headers, symbols, relocations, debug
//! information and JSON get the values at which readers break.

mod archive;
mod bytes;
mod elf;
mod frames;
mod json;

use crate::parts;
use crate::random::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One ELF file or archive.
    File,
    /// Several of them, as `parts` packs them.
    Files,
    /// A stream of protocol frames.
    Frames,
}

/// One to four changes.
pub fn mutate(form: Form, data: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        match form {
            Form::File => file(data, random),
            Form::Files => files(data, random),
            Form::Frames => frames::mutate(data, random),
        }
    }
}

fn file(data: &mut Vec<u8>, random: &mut Random) {
    if random.one_in(40) {
        bytes::cut(data, random);
    } else if data.starts_with(b"!<arch>") {
        archive::mutate(data, random);
    } else if data.starts_with(b"\x7fELF") {
        elf::mutate(data, random);
    } else {
        bytes::mutate(data, random);
    }
}

/// How many files a packed input has at most.
const FILES: usize = 6;

fn files(data: &mut Vec<u8>, random: &mut Random) {
    let mut all = parts::unpack::<FILES>(data).map(<[u8]>::to_vec);
    let at = random.below(all.len());
    if random.one_in(30) {
        // The same file twice, or in another's place.
        let other = all.get(random.below(FILES)).cloned().unwrap_or_default();
        if let Some(one) = all.get_mut(at) {
            *one = other;
        }
    } else if let Some(one) = all.get_mut(at) {
        file(one, random);
    }
    *data = parts::pack(&all);
}
