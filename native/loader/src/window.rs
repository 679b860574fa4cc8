//! Where the patch window may lie. Code of the `dev` profile refers to everything by signed 32-bit distances, so every
//! address of the window and every address of the program must be within 2 GiB of each other.
#![forbid(unsafe_code)]

use crate::os::host::Host;
use crate::os::slots::{SLOT, WINDOW};

const MIB: usize = 1 << 20;

/// Below the program: first the distance that nearly always is free, so that nearly all processes share their patches.
const BELOW: [usize; 3] = [512 * MIB, 1024 * MIB, 1536 * MIB];

/// Above it, where the heap begins: at a distance that leaves the heap room to grow (it goes elsewhere when it meets
/// the window). A program at a fixed low address has no room below.
const ABOVE: [usize; 4] = [1024 * MIB, 1408 * MIB, 512 * MIB, 256 * MIB];

/// A library lies among others, and its host may have reserved much of the neighbourhood: every 128 MiB is tried, the
/// nearest that leave room to grow first.
const AROUND: std::ops::Range<usize> = 3..14;
const STEP: usize = 128 * MIB;

/// The lowest address that is worth trying: the kernel keeps the first 64 KiB (mmap_min_addr).
const LOWEST: usize = MIB;

/// Starts of the window to be tried in this order; each is within reach of all of the program.
pub fn candidates(host: &Host) -> Vec<usize> {
    let (first, end) = (host.start(), host.end());
    let below = BELOW
        .iter()
        .filter_map(|distance| host.bias.checked_sub(*distance));
    let top = end.next_multiple_of(SLOT);
    let above = ABOVE
        .iter()
        .filter_map(|distance| top.checked_add(*distance));
    let steps = AROUND.filter(|_| host.is_library).map(|step| step * STEP);
    let around = steps.flat_map(|distance| {
        let below = host.bias.checked_sub(distance);
        below.into_iter().chain(top.checked_add(distance))
    });
    below
        .chain(above)
        .chain(around)
        .filter(|start| *start >= LOWEST && is_within_reach(*start, first, end))
        .collect()
}

fn is_within_reach(window: usize, first: usize, end: usize) -> bool {
    let span = end.max(window + WINDOW) - first.min(window);
    let apart = window + WINDOW <= first || end <= window;
    apart && span < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::memory::{Protection, Range};

    fn host(bias: usize, start: usize, end: usize) -> Host {
        let segments = vec![Range {
            start,
            end,
            protection: Protection::READ,
        }];
        Host {
            bias,
            build_id: String::new(),
            path: String::new(),
            segments,
            libraries: Vec::new(),
            thread_block: None,
            is_library: false,
        }
    }

    #[test]
    fn a_position_independent_program_has_its_window_half_a_gigabyte_below() {
        let base = 0x5555_5555_4000;
        let all = candidates(&host(base, base, base + 50 * MIB));
        assert_eq!(all[0], base - 512 * MIB);
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn a_program_at_a_fixed_low_address_has_it_above() {
        let all = candidates(&host(0, 0x40_0000, 0x200_0000));
        assert_eq!(all[0], 0x200_0000 + 1024 * MIB);
    }

    #[test]
    fn no_candidate_is_out_of_reach_of_a_huge_program() {
        let base = 0x5555_5555_4000;
        let end = base + 1400 * MIB;
        for start in candidates(&host(base, base, end)) {
            let span = end.max(start + WINDOW) - base.min(start);
            assert!(span < 1 << 31, "{start:#x}");
        }
    }
}
