//! New thread-locals: room in the pool, and initial contents for threads that run and threads to come.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

use crate::arch::POOL_SIZE;
use crate::checkpoint::Checkpoint;
use crate::image::plan::Tls;
use crate::os::tls::{self, OpenTemplate, ThreadPointers};
use crate::refusal::{self, Refusal};

/// A thread that was just born registers its descriptor within this time.
const BIRTH: Duration = Duration::from_millis(100);

pub struct NewThreadLocals {
    offset: usize,
    image: Vec<u8>,
    template: OpenTemplate,
    pointers: ThreadPointers,
}

/// A thread's storage was not found.
#[derive(Debug)]
pub struct Unreachable;

impl NewThreadLocals {
    /// None when nothing is to be written: `used` bytes at the start of the pool have been given out before, the rest is
    /// zero in every thread.
    pub fn of(tls: &Tls, image: &[u8], used: u64) -> Result<Option<Self>, Refusal> {
        let end = tls
            .offset
            .checked_add(tls.mem_size)
            .filter(|end| *end <= POOL_SIZE as u64);
        if end.is_none() {
            return Err(refusal::thread_locals(format_args!(
                "the {POOL_SIZE} bytes reserved for them are used up"
            )));
        }
        let mut image = image.to_vec();
        if tls.offset < used {
            // Given out to a patch that was undone: zeros have to be written as well.
            image.resize(usize::try_from(tls.mem_size).unwrap_or(POOL_SIZE), 0);
        } else if image.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let unknown =
            || refusal::thread_locals("the C library's thread descriptors were not found");
        let offset = usize::try_from(tls.offset).unwrap_or(POOL_SIZE);
        let template = tls::template().ok_or_else(unknown)?;
        let template = template
            .open(offset, image.len())
            .map_err(|error| refusal::memory("the thread-local template", &error))?;
        let pointers = ThreadPointers::calibrate().ok_or_else(unknown)?;
        Ok(Some(Self {
            offset,
            image,
            template,
            pointers,
        }))
    }

    /// Writes the initial contents for threads to come, then for every thread there is. No code uses the room yet, so
    /// a patch that is taken back after this leaves nothing behind that matters.
    pub fn give(&self, checkpoint: &mut Checkpoint) -> Result<(), Unreachable> {
        if !self.template.write(&self.image) {
            return Err(Unreachable);
        }
        let deadline = Instant::now() + BIRTH;
        let mut given = 0;
        loop {
            let grew = checkpoint.list().map_err(|_| Unreachable)?;
            let tids = checkpoint.tids().skip(given);
            for tid in tids {
                while !self.pointers.write(tid, self.offset, &self.image) {
                    if !checkpoint.tasks().is_alive(tid) {
                        break;
                    }
                    if Instant::now() > deadline {
                        return Err(Unreachable);
                    }
                    std::thread::sleep(Duration::from_micros(50));
                }
            }
            given = checkpoint.tids().count();
            if !grew {
                return Ok(());
            }
        }
    }
}
