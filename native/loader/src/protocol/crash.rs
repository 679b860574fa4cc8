//! What a fatal signal's handler tells of the thread that got it.
#![forbid(unsafe_code)]

use serde::{Deserialize, Serialize};

use super::messages::Address;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crash {
    pub signal: i32,
    /// `si_code`: above 0 it was an instruction, else somebody sent the signal (sigaction(2)).
    pub code: i32,
    pub pid: i32,
    pub tid: i32,
    /// The thread's name.
    pub thread: String,
    pub pc: Address,
    /// `si_addr`: what was accessed (SIGSEGV, SIGBUS), else the instruction; 0 when somebody sent the signal.
    pub address: Address,
    pub sp: Address,
    pub registers: Registers,
}

/// The general registers, in the order of their numbers in instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    pub rax: Address,
    pub rcx: Address,
    pub rdx: Address,
    pub rbx: Address,
    pub rsp: Address,
    pub rbp: Address,
    pub rsi: Address,
    pub rdi: Address,
    pub r8: Address,
    pub r9: Address,
    pub r10: Address,
    pub r11: Address,
    pub r12: Address,
    pub r13: Address,
    pub r14: Address,
    pub r15: Address,
    pub rip: Address,
    pub rflags: Address,
}
