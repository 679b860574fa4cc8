//! The parts of a list in which entries of one owner stand together.

use std::ops::Range;

/// `starts[i]..starts[i + 1]` are the entries of owner `i`.
pub struct Groups {
    starts: Vec<usize>,
}

impl Groups {
    /// Of a list in the order of its owners (below `count`), given the owner of each entry.
    pub fn new(count: usize, owners: impl Iterator<Item = u32>) -> Self {
        let mut starts = Vec::with_capacity(count + 1);
        let mut total = 0;
        for (at, owner) in owners.enumerate() {
            if (owner as usize) < count {
                starts.resize(starts.len().max(owner as usize + 1), at);
                total = at + 1;
            }
        }
        starts.resize(count + 1, total);
        Groups { starts }
    }

    pub fn of(&self, owner: u32) -> Range<usize> {
        let owner = owner as usize;
        match (self.starts.get(owner), self.starts.get(owner + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }
}
