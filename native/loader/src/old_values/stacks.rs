//! Which threads have their stacks where.
#![forbid(unsafe_code)]

use super::words::WORD;
use crate::arch::RED_ZONE;
use crate::checkpoint::Stand;
use crate::memory_map::Area;

/// Whether the stack of a thread, or its frame, is in `area`.
pub fn is_in(stand: &Stand, area: &Area<&[u8]>) -> bool {
    area.contains(stand.sp) || stand.frame.is_some_and(|frame| area.contains(frame.at))
}

/// The lowest word in `area` that is live on the stack of a thread, if its stack pointer is there: that of the frame, when
/// that is below.
pub fn live(stand: &Stand, area: &Area<&[u8]>) -> Option<usize> {
    if !area.contains(stand.sp) {
        return None;
    }
    let is_below = |at: &usize| area.contains(*at) && *at < stand.sp;
    let frame = stand.frame.map(|frame| frame.at).filter(is_below);
    let low = frame.unwrap_or_else(|| stand.sp.saturating_sub(RED_ZONE));
    Some(low.max(area.start) & !(WORD - 1))
}

/// The same, if between a guard below and the stack pointer is nothing but the stack: it is the one that the thread was
/// made with, not one of several that share what they were cut from.
pub fn own_live(stand: &Stand, area: &Area<&[u8]>) -> Option<usize> {
    let low = live(stand, area)?;
    let pointer = stand.frame?.thread_pointer;
    let is_own = area.name == b"[stack]" || (area.contains(pointer) && low < pointer);
    is_own.then_some(low)
}

/// The thread on whose stack, or in whose registers, the word at `at` stands.
pub fn owner(threads: &[Stand], at: usize, area: &Area<&[u8]>) -> Option<i32> {
    let on_alternate = |stand: &&Stand| {
        let alternate = stand.frame.and_then(|frame| frame.alternate);
        alternate.is_some_and(|(start, end)| (start..end).contains(&at))
    };
    let on_own = |stand: &Stand| Some((live(stand, area).filter(|low| *low <= at)?, stand.tid));
    let alternate = threads.iter().find(on_alternate);
    alternate
        .map(|stand| stand.tid)
        .or_else(|| Some(threads.iter().filter_map(on_own).max()?.1))
}
