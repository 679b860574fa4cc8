//! Looking for signal frames on the stack of another thread.
//!
//! A thread in a signal handler of the program will go on, some time, where the signal interrupted it. That place counts
//! as much as its pc. It stands in the signal frame that the kernel pushed, and a frame is known by its first word: the
//! address of the C library's `__restore_rt`, to which every handler returns.
use std::io;

use super::{gate, remote};
use crate::arch::SIGNAL_FRAME_PC;

/// How far up the stack is searched. A handler that works at a greater depth than this is not seen.
const DEPTH: usize = 32 << 10;

/// Room for the search, made in advance.
pub struct Search {
    buffer: Vec<u8>,
    restorer: [u8; 8],
}

impl Search {
    /// A signal handler must have been installed through the C library.
    pub fn prepare() -> io::Result<Self> {
        let mut action = KernelAction {
            handler: 0,
            flags: 0,
            restorer: 0,
            mask: 0,
        };
        // SAFETY: the kernel's own form of sigaction, with its mask of 8 bytes.
        let result = unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                libc::SIGTRAP,
                0,
                std::ptr::from_mut(&mut action),
                8,
            )
        };
        if result != 0 || action.restorer == 0 {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self {
            buffer: vec![0; DEPTH],
            restorer: action.restorer.to_le_bytes(),
        })
    }

    /// Whether a handler on the stack at `sp` will return into a site.
    pub fn finds_return_into_site(&mut self, sp: usize) -> bool {
        // Frames are aligned to words, and so is the stack at any call.
        let read = remote::read(sp & !7, &mut self.buffer);
        let stack = self.buffer.get(..read).unwrap_or_default();
        stack.chunks_exact(8).enumerate().any(|(word, bytes)| {
            let pc = word * 8 + SIGNAL_FRAME_PC;
            bytes == self.restorer
                && stack
                    .get(pc..pc + 8)
                    .and_then(|pc| pc.try_into().ok())
                    .is_some_and(|pc| gate::is_inside_site(usize::from_le_bytes(pc)))
        })
    }
}

#[repr(C)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}
