//! What of the process's memory is the loader's own, and no word of it the program's.
use super::memory::{Protection, Range};
use super::{allocation, modules};

/// The loader's data, its heap, and the stack of the calling thread, which is the loader's.
pub fn ranges() -> Vec<Range> {
    let range = |(start, end)| Range {
        start,
        end,
        protection: Protection::READ,
    };
    let here = ranges as *const () as usize;
    let mut all: Vec<Range> = allocation::range().into_iter().collect();
    modules::for_each_loaded(|info| {
        all.extend(
            modules::extent(info)
                .filter(|(start, end)| (*start..*end).contains(&here))
                .map(range),
        );
    });
    all.extend(stack().map(range));
    all
}

/// Where the calling thread's stack lies.
fn stack() -> Option<(usize, usize)> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    let (mut start, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: initialized by the first call, used when that succeeds, and given up after that.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let known = libc::pthread_attr_getstack(attributes.as_ptr(), &mut start, &mut size) == 0;
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        known.then_some((start as usize, start as usize + size))
    }
}
