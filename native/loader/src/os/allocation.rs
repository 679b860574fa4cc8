//! Memory for the loader's own values, apart from the program's heap.
//!
//! Three reasons. What the loader knows of patches are addresses in them, and in the program's heap these would look as
//! if the program held them, even after they were freed ([`crate::reach`]). A thread that is held at the gate may hold
//! the lock of the program's allocator. And a program may bring an allocator of its own, which is not to be disturbed.
//!
//! Blocks are powers of two, cut off one region and kept in a list a size when they are free. What does not fit in goes to
//! the C library, and so does everything in a process without a session.
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use super::memory::Range;
use super::{futex, memory};

/// Address space, not memory: pages come with their first use.
const REGION: usize = 32 << 20;

/// The largest block: patch images and other large buffers hold no addresses and go to the C library.
const LARGEST: usize = 256 << 10;
const SMALLEST: usize = 16;
const SIZES: usize = (LARGEST / SMALLEST).ilog2() as usize + 1;

/// Start of the region; 0 without one.
static START: AtomicUsize = AtomicUsize::new(0);
/// How much of it is cut off.
static CUT: AtomicUsize = AtomicUsize::new(0);
static LOCK: AtomicU32 = AtomicU32::new(0);
/// Free blocks by size; the first word of each is the next.
static FREE: [AtomicPtr<u8>; SIZES] = [const { AtomicPtr::new(ptr::null_mut()) }; SIZES];

struct Own;

#[global_allocator]
static ALLOCATOR: Own = Own;

/// From here on the loader has memory of its own, when there is address space for it.
pub fn begin() {
    let (protection, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
    );
    // SAFETY: a new mapping, used by nobody else.
    let got = unsafe { libc::mmap(ptr::null_mut(), REGION, protection, flags, -1, 0) };
    if got != libc::MAP_FAILED {
        START.store(got as usize, Ordering::SeqCst);
    }
}

/// In a forked child: what the parent's threads were doing to the lists is left where it is, and so are the blocks that
/// were free.
pub fn forget() {
    FREE.iter()
        .for_each(|list| list.store(ptr::null_mut(), Ordering::SeqCst));
    LOCK.store(0, Ordering::SeqCst);
}

/// Where the loader's own values are.
pub fn range() -> Option<Range> {
    let start = START.load(Ordering::SeqCst);
    (start != 0).then_some(Range {
        start,
        end: start + REGION,
        protection: memory::Protection::READ,
    })
}

// SAFETY: blocks of the region are as large and as aligned as their power of two, and belong to one owner from `take` to
// `give`; all others come from the C library, to which they are given back.
unsafe impl GlobalAlloc for Own {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(block) = size_of(layout).and_then(take) {
            return block;
        }
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match size_of(layout).and_then(take) {
            Some(block) => {
                // SAFETY: at least this large.
                unsafe { block.write_bytes(0, layout.size()) };
                block
            }
            // SAFETY: the caller's layout.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let start = START.load(Ordering::Relaxed);
        let ours = start != 0 && (start..start + REGION).contains(&(block as usize));
        match size_of(layout) {
            // SAFETY: a block of the region was taken with this layout, so it has this size.
            Some(size) if ours => unsafe { give(block, size) },
            // SAFETY: not of the region, so it is of the C library.
            _ => unsafe { System.dealloc(block, layout) },
        }
    }
}

/// Which of the sizes a layout needs.
fn size_of(layout: Layout) -> Option<usize> {
    let needed = layout.size().max(layout.align()).max(SMALLEST);
    (needed <= LARGEST).then(|| (needed.next_power_of_two() / SMALLEST).ilog2() as usize)
}

fn take(size: usize) -> Option<*mut u8> {
    let start = START.load(Ordering::Relaxed);
    let list = FREE.get(size).filter(|_| start != 0)?;
    locked(|| {
        let first = list.load(Ordering::Relaxed);
        if !first.is_null() {
            // SAFETY: a free block, whose first word is the next one.
            list.store(unsafe { first.cast::<*mut u8>().read() }, Ordering::Relaxed);
            return Some(first);
        }
        let bytes = SMALLEST << size;
        let at = (start + CUT.load(Ordering::Relaxed)).next_multiple_of(bytes) - start;
        let end = at + bytes;
        if end > REGION {
            return None;
        }
        CUT.store(end, Ordering::Relaxed);
        Some((start + at) as *mut u8)
    })
}

/// # Safety
/// `block` is of the region, of this size, and used no more.
unsafe fn give(block: *mut u8, size: usize) {
    let Some(list) = FREE.get(size) else { return };
    locked(|| {
        // SAFETY: at least a word, aligned, and ours again.
        unsafe { block.cast::<*mut u8>().write(list.load(Ordering::Relaxed)) };
        list.store(block, Ordering::Relaxed);
    });
}

/// Hardly ever contended: the loader has one thread, and the program's threads come by once.
fn locked<T>(work: impl FnOnce() -> T) -> T {
    while LOCK
        .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
        .is_err()
    {
        futex::wait(&LOCK, 1, Some(std::time::Duration::from_millis(1)));
    }
    let result = work();
    LOCK.store(0, Ordering::Release);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_what_they_are_asked_for_and_are_used_again() {
        let layout = |size, align| Layout::from_size_align(size, align).unwrap();
        assert_eq!(size_of(layout(1, 1)), Some(0));
        assert_eq!(size_of(layout(17, 1)), Some(1));
        assert_eq!(size_of(layout(8, 4096)), Some(8));
        assert_eq!(size_of(layout(LARGEST, 8)), Some(SIZES - 1));
        assert_eq!(size_of(layout(LARGEST + 1, 8)), None);
        begin();
        let size = SIZES - 1;
        let block = take(size).unwrap();
        assert!((block as usize).is_multiple_of(LARGEST));
        assert!(range().unwrap().contains(block as usize, LARGEST));
        // SAFETY: taken above.
        unsafe { give(block, size) };
        let many: Vec<_> = (0..20).filter_map(|_| take(size)).collect();
        assert!(many.contains(&block), "no other test takes this size");
        let mut starts: Vec<_> = many.iter().map(|block| *block as usize).collect();
        starts.sort_unstable();
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= LARGEST));
    }
}
