//! Memory of other threads, through the kernel: that of a thread which has just ended may be unmapped, which is an error
//! in this way and a crash in any other.

/// Fills `into` from `from` as far as memory is mapped there; gives the number of bytes.
pub fn read(from: usize, into: &mut [u8]) -> usize {
    let local = libc::iovec {
        iov_base: into.as_mut_ptr().cast(),
        iov_len: into.len(),
    };
    let remote = libc::iovec {
        iov_base: from as *mut libc::c_void,
        iov_len: into.len(),
    };
    // SAFETY: `local` is valid for the call, `remote` is checked by the kernel.
    let copied = unsafe { libc::process_vm_readv(libc::getpid(), &local, 1, &remote, 1, 0) };
    usize::try_from(copied).unwrap_or(0)
}

/// Writes all of `from` to `to`, a thread's pool slot that no code uses yet.
pub(super) fn write(to: usize, from: &[u8]) -> bool {
    let local = libc::iovec {
        iov_base: from.as_ptr().cast_mut().cast(),
        iov_len: from.len(),
    };
    let remote = libc::iovec {
        iov_base: to as *mut libc::c_void,
        iov_len: from.len(),
    };
    // SAFETY: `local` is only read; `remote` is checked by the kernel.
    let copied = unsafe { libc::process_vm_writev(libc::getpid(), &local, 1, &remote, 1, 0) };
    usize::try_from(copied) == Ok(from.len())
}
