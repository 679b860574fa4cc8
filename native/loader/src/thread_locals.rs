//! New thread-locals: room in the pool, and initial contents for threads that run and threads to come.
//!
//! All of it happens before the patch is applied: no code uses the room yet, so nobody notices, nobody must be held, and
//! what a patch that is refused later leaves behind matters to nobody.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

use crate::arch::POOL_SIZE;
use crate::image::plan::Tls;
use crate::os::tasks::Tasks;
use crate::os::tls::{self, ThreadPointers};
use crate::os::{creation, thread};
use crate::process::STATE;
use crate::refusal::{self, Refusal};

/// A creation of a thread ends, and a thread that was born tells its descriptor, within this time.
const BIRTH: Duration = Duration::from_millis(500);

/// Gives the thread-locals of a patch their initial contents, `image` and zeros behind it, in every thread.
pub fn give(tls: &Tls, image: &[u8]) -> Result<(), Refusal> {
    let end = tls
        .offset
        .checked_add(tls.mem_size)
        .filter(|end| *end <= POOL_SIZE as u64);
    let end = end.ok_or_else(|| {
        refusal::thread_locals(format_args!(
            "the {POOL_SIZE} bytes reserved for them are used up"
        ))
    })?;
    let used = {
        let mut state = STATE.lock();
        let used = state.thread_locals_used;
        state.thread_locals_used = used.max(end);
        used
    };
    let mut image = image.to_vec();
    if tls.offset < used {
        // Given out before, to a patch that was undone or refused: the zeros have to be written as well.
        image.resize(usize::try_from(tls.mem_size).unwrap_or(POOL_SIZE), 0);
    } else if image.iter().all(|byte| *byte == 0) {
        // Room that was never given out is zero in every thread.
        return Ok(());
    }
    give_everywhere(usize::try_from(tls.offset).unwrap_or(POOL_SIZE), &image)
}

fn give_everywhere(offset: usize, image: &[u8]) -> Result<(), Refusal> {
    let deadline = Instant::now() + BIRTH;
    give_to_threads_to_come(offset, image)?;
    // From here on new threads copy the new contents; then wait for those that may have copied the old.
    if !creation::wait_for_those_in_progress(BIRTH) {
        return Err(refusal::thread_locals(
            "a thread is being created and does not begin",
        ));
    }
    let unknown = || refusal::thread_locals("the C library's thread descriptors were not found");
    let pointers = ThreadPointers::calibrate().ok_or_else(unknown)?;
    let listed = |error| refusal::memory("the list of threads", &error);
    let tasks = Tasks::open().map_err(listed)?;
    let mut tids = Vec::new();
    tasks.list(|tid| tids.push(tid)).map_err(listed)?;
    // The calling thread runs no code of the program.
    let own = thread::id();
    for tid in tids.into_iter().filter(|tid| *tid != own) {
        while !pointers.write(tid, offset, image) && tasks.is_alive(tid) {
            if Instant::now() > deadline {
                return Err(refusal::thread_locals("a thread's storage was not found"));
            }
            std::thread::sleep(Duration::from_micros(50));
        }
    }
    Ok(())
}

fn give_to_threads_to_come(offset: usize, image: &[u8]) -> Result<(), Refusal> {
    let template = tls::template()
        .ok_or_else(|| refusal::thread_locals("the loader's own template was not found"))?;
    let template = template
        .open(offset, image.len())
        .map_err(|error| refusal::memory("the thread-local template", &error))?;
    template.write(image);
    Ok(())
}
