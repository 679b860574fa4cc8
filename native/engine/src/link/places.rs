//! Where the image's functions and tables will lie, for what a later patch asks of this one.

use super::elf::{BlockKind, DynamicKind, DynamicRelocation, ImageSpec, Layout};
use crate::live::Live;
use std::ops::Range;

/// Live addresses, ascending.
pub struct Places {
    offset: i64,
    pub code: Vec<Range<i64>>,
    data: Vec<Range<i64>>,
}

impl Places {
    pub fn of(spec: &ImageSpec, layout: &Layout, offset: i64) -> Places {
        let all = |wanted: fn(BlockKind) -> bool| {
            let blocks = spec.blocks.iter().enumerate();
            let mut all: Vec<Range<i64>> = blocks
                .filter(|(_, block)| wanted(block.kind))
                .filter_map(|(id, block)| {
                    let start = offset.checked_add_unsigned(layout.block(id)?)?;
                    Some(start..start.checked_add_unsigned(block.size)?)
                })
                .collect();
            all.sort_unstable_by_key(|range| range.start);
            all
        };
        Places {
            offset,
            code: all(|kind| kind == BlockKind::Text),
            data: all(|kind| matches!(kind, BlockKind::Relro | BlockKind::ReadOnly)),
        }
    }

    /// Constants with a pointer to a function, to such a constant, or to one of the program's own that has pointers. Those that
    /// lead to text or numbers alone are not among them.
    pub fn tables(&self, live: &Live, relocations: &[DynamicRelocation]) -> Vec<Range<i64>> {
        let relative = relocations
            .iter()
            .filter(|r| r.kind == DynamicKind::Relative);
        let mut open: Vec<(i64, i64)> = relative
            .filter_map(|r| {
                let place = self.offset.checked_add_unsigned(r.place)?;
                Some((place, self.offset.checked_add(r.addend)?))
            })
            .collect();
        let mut tables: Vec<Range<i64>> = Vec::new();
        loop {
            let leads = |target: i64| {
                let host = u64::try_from(target).ok();
                host.is_some_and(|at| live.host.holds(at) || live.host.may_be_table(at))
                    || holding(&self.code, target).is_some()
                    || holding(&tables, target).is_some()
            };
            let (found, others): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|(_, target)| leads(*target));
            open = others;
            if found.is_empty() {
                return tables;
            }
            let places = found.iter();
            tables.extend(places.filter_map(|(place, _)| holding(&self.data, *place).cloned()));
            tables.sort_unstable_by_key(|range| range.start);
            tables.dedup();
        }
    }
}

/// The one of `ranges`, ascending and apart, that holds an address.
fn holding(ranges: &[Range<i64>], address: i64) -> Option<&Range<i64>> {
    let after = ranges.partition_point(|range| range.start <= address);
    let before = ranges.get(after.checked_sub(1)?)?;
    before.contains(&address).then_some(before)
}
