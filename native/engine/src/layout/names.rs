//! Interned text: one string for all names of a table, and a number for each.

use super::digest;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Index of a name in its table's [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NameId(pub u32);

/// All names of one table, back to back; `ends[i]` is where name `i` stops.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// The text of `id`; empty for an id of another table, as a damaged cache could hold.
    pub fn get(&self, id: NameId) -> &str {
        let index = id.0 as usize;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0) as usize,
            None => 0,
        };
        let end = self.ends.get(index).copied().unwrap_or(0) as usize;
        self.text.get(start..end).unwrap_or("")
    }
}

/// [`Names`] with other texts under the same ids.
pub struct Renamed {
    names: Names,
    digests: Vec<u64>,
}

impl Renamed {
    /// `rename` gives the new text, `None` for one that stays.
    pub fn new(old: &Names, rename: &dyn Fn(&str) -> Option<String>) -> Renamed {
        let mut renamed = Renamed {
            names: Names::default(),
            digests: Vec::with_capacity(old.ends.len()),
        };
        for id in 0..old.ends.len() {
            let text = old.get(NameId(id as u32));
            match rename(text) {
                Some(other) => renamed.push(&other),
                None => renamed.push(text),
            }
        }
        renamed
    }

    fn push(&mut self, text: &str) {
        self.names.text.push_str(text);
        self.names.ends.push(self.names.text.len() as u32);
        self.digests.push(digest::of_text(text));
    }

    pub fn digest(&self, id: NameId) -> u64 {
        self.digests.get(id.0 as usize).copied().unwrap_or(0)
    }

    pub fn finish(self) -> Names {
        self.names
    }
}

/// Builds a [`Names`], with the digest of every name at hand.
#[derive(Default)]
pub struct Interner {
    names: Names,
    digests: Vec<u64>,
    known: FxHashMap<u64, NameId>,
}

impl Interner {
    pub fn intern(&mut self, text: &str) -> NameId {
        self.intern_digested(text, digest::of_text(text))
    }

    /// [`Self::intern`] with the text's digest at hand.
    pub fn intern_digested(&mut self, text: &str, digest: u64) -> NameId {
        if let Some(id) = self.known.get(&digest) {
            if self.names.get(*id) == text {
                return *id;
            }
        }
        let id = NameId(self.digests.len() as u32);
        self.names.text.push_str(text);
        self.names.ends.push(self.names.text.len() as u32);
        self.digests.push(digest);
        // Of two texts with one digest the later is listed but not found again: a duplicate, never a mix-up.
        self.known.entry(digest).or_insert(id);
        id
    }

    pub fn get(&self, id: NameId) -> &str {
        self.names.get(id)
    }

    pub fn digest(&self, id: NameId) -> u64 {
        self.digests.get(id.0 as usize).copied().unwrap_or(0)
    }

    /// Bytes of text.
    pub fn size(&self) -> usize {
        self.names.text.len()
    }

    pub fn finish(self) -> Names {
        self.names
    }
}
