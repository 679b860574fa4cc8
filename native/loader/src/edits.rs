//! Changes of bytes in the running program, old and new side by side, so that undoing is the same change backwards.
#![forbid(unsafe_code)]

use crate::arch::JUMP;

/// The first bytes of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub at: usize,
    pub old: [u8; JUMP],
    pub new: [u8; JUMP],
}

/// At most 8 bytes of data within one aligned 8-byte word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub at: usize,
    pub old: Vec<u8>,
    pub new: Vec<u8>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Ascending, no two closer than the length of a jump.
    pub entries: Vec<Entry>,
    pub words: Vec<Word>,
}

impl Edits {
    pub fn reversed(&self) -> Self {
        Self {
            entries: self
                .entries
                .iter()
                .map(|entry| Entry {
                    at: entry.at,
                    old: entry.new,
                    new: entry.old,
                })
                .collect(),
            words: self
                .words
                .iter()
                .map(|word| Word {
                    at: word.at,
                    old: word.new.clone(),
                    new: word.old.clone(),
                })
                .collect(),
        }
    }

    /// Address and length of everything that is written.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let entries = self.entries.iter().map(|entry| (entry.at, JUMP));
        // Stored as the whole word.
        entries.chain(self.words.iter().map(|word| (word.at & !7, 8)))
    }
}
