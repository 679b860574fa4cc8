//! Copies of one function that units hold privately, when a unit gives its copy up.
//!
//! The copy stays in memory and old pointers lead to it, but no compile makes it anew. So it goes along with the same
//! function as another unit has it: its entries lead where those of that one lead, through all later edits. It keeps its
//! own entries in `Live::versions`, for taking the patch back sets it free again.

use super::{State, SymbolKey};

/// Functions are told by their first entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Along {
    /// What the copy was called.
    pub key: SymbolKey,
    pub first: i64,
    pub with: i64,
}

impl State {
    /// The function that the one with this first entry goes along with; itself when it goes its own way.
    pub fn leader(&self, first: i64) -> i64 {
        let mut at = first;
        // A copy never leads back to itself: who leads has a symbol, and who gets one leaves `along`.
        for _ in 0..=self.along.len() {
            match self.along.get(&at) {
                Some(&with) => at = with,
                None => break,
            }
        }
        at
    }

    /// Copies that go along with the function, directly or through others, in order of their addresses.
    pub fn followers(&self, first: i64) -> Vec<i64> {
        let mut found = vec![first];
        let mut next = 0;
        while let Some(&at) = found.get(next) {
            let mut more: Vec<i64> = self
                .along
                .iter()
                .filter(|(copy, with)| **with == at && !found.contains(copy))
                .map(|(copy, _)| *copy)
                .collect();
            more.sort_unstable();
            found.extend(more);
            next += 1;
        }
        found.split_off(1)
    }

    /// The entry whose code runs for callers of the function.
    pub fn running(&self, first: i64) -> i64 {
        let leader = self.leader(first);
        self.current.get(&leader).copied().unwrap_or(leader)
    }
}
