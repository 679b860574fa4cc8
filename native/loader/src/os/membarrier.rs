//! membarrier(2) with SYNC_CORE: when it returns, every processor that runs a thread of this process has executed a
//! core serializing instruction, so none goes on with code bytes that it fetched before.

const PRIVATE_EXPEDITED_SYNC_CORE: i32 = 1 << 5;
const REGISTER_PRIVATE_EXPEDITED_SYNC_CORE: i32 = 1 << 6;

/// Registers the process; must precede `sync_cores` and costs nothing the second time.
pub fn register() -> bool {
    membarrier(REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)
}

/// False when the kernel (before 4.16) or a sandbox does not offer it. Then what serializes is `iret`, at the end of
/// the signals that a stop sends to the threads that run.
pub fn sync_cores() -> bool {
    membarrier(PRIVATE_EXPEDITED_SYNC_CORE)
}

fn membarrier(command: i32) -> bool {
    // SAFETY: no memory is passed.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}
