//! The block in the loader's static thread-local storage that gives new thread-locals of patches their room.
//!
//! The loader is a needed library of the program, so its block is part of the static TLS that every thread gets, at one
//! fixed distance from the thread pointer (variant II of "ELF Handling For Thread-Local Storage": below it).
//! Stable Rust has no `#[thread_local]`, hence the assembly. The block is `.tdata` and not `.tbss` although it starts
//! as zeros: the C library copies a `.tdata` image into each new thread, so what a patch writes into that image is what
//! later threads start with.
use std::arch::{asm, global_asm};

/// 16 KiB, because static TLS is taken from each thread's stack: with 64 KiB here, pthread_create fails for threads that
/// ask for stacks of 16, 32 or 64 KiB (glibc 2.36); with 16 KiB, for those of 16 KiB alone.
pub const POOL_SIZE: usize = 16 << 10;

global_asm!(
    ".pushsection .tdata.nx_hotpatch_tls_pool,\"awT\",@progbits",
    ".p2align 6",
    ".globl nx_hotpatch_tls_pool",
    ".hidden nx_hotpatch_tls_pool",
    ".type nx_hotpatch_tls_pool, @object",
    ".size nx_hotpatch_tls_pool, {size}",
    "nx_hotpatch_tls_pool:",
    ".zero {size}",
    ".popsection",
    size = const POOL_SIZE,
);

/// The pool's offset from the thread pointer: negative, the same in every thread.
pub fn pool_offset() -> i64 {
    let offset: i64;
    // SAFETY: an initial-exec access (R_X86_64_GOTTPOFF): loads a constant that the dynamic linker filled in.
    unsafe {
        asm!(
            "mov {}, qword ptr [rip + nx_hotpatch_tls_pool@GOTTPOFF]",
            out(reg) offset,
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    offset
}

/// The calling thread's thread pointer: the word at fs:0 points to itself (psABI x86_64, 3.4.6 and TLS variant II).
pub fn thread_pointer() -> usize {
    let pointer: usize;
    // SAFETY: every thread made by the C library has its thread control block at fs:0.
    unsafe {
        asm!("mov {}, qword ptr fs:[0]", out(reg) pointer, options(pure, readonly, nostack, preserves_flags));
    }
    pointer
}
