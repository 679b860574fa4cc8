//! Which places a patch refers to.

use std::collections::BTreeSet;
use std::ops::Range;

/// Live addresses, and offsets from the thread pointer.
#[derive(Debug, Default, Clone)]
pub struct Reach {
    pub addresses: BTreeSet<i64>,
    pub threads: BTreeSet<i64>,
}

impl Reach {
    /// Without these addresses.
    pub fn but(&self, addresses: &BTreeSet<i64>) -> Reach {
        Reach {
            addresses: &self.addresses - addresses,
            threads: self.threads.clone(),
        }
    }

    /// Whether something within these ranges is referred to.
    pub fn meets(&self, memory: &Range<i64>, threads: &Range<i64>) -> bool {
        let meets = |set: &BTreeSet<i64>, range: &Range<i64>| {
            !range.is_empty() && set.range(range.clone()).next().is_some()
        };
        meets(&self.addresses, memory) || meets(&self.threads, threads)
    }
}
