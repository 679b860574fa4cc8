//! x86_64: the jump that redirects an entry, the breakpoint that closes it, and the registers of a stopped thread.

/// Length of the jump that redirects an entry.
pub const JUMP: usize = 5;

/// `int3`: one byte, so it can be stored over any first byte without tearing an instruction.
pub const BREAKPOINT: u8 = 0xcc;

/// `jmp rel32` at `from` to `to`; none when `to` is further than ±2 GiB.
pub fn jump(from: usize, to: usize) -> Option<[u8; JUMP]> {
    let next = i64::try_from(from).ok()? + JUMP as i64;
    let distance = i32::try_from(i64::try_from(to).ok()? - next).ok()?;
    let [a, b, c, d] = distance.to_le_bytes();
    Some([0xe9, a, b, c, d])
}

/// Where the jump at `at` leads; none when `bytes` are no such jump.
pub fn jump_target(at: usize, bytes: [u8; JUMP]) -> Option<usize> {
    let [0xe9, a, b, c, d] = bytes else {
        return None;
    };
    let distance = i32::from_le_bytes([a, b, c, d]);
    at.checked_add(JUMP)?.checked_add_signed(distance as isize)
}

/// Length of the longest call instruction that [`ends_in_call`] knows.
pub const LONGEST_CALL: usize = 7;

/// Whether the last of these bytes are a near call: `e8 rel32`, or `ff /2` with any operand (Intel SDM vol. 2, CALL).
pub fn ends_in_call(bytes: &[u8; LONGEST_CALL]) -> bool {
    const RELATIVE: u8 = 0xe8;
    const INDIRECT: u8 = 0xff;
    let indirect = |length: usize| {
        let at = LONGEST_CALL - length;
        let mode = bytes.get(at + 1).copied().unwrap_or(0);
        bytes.get(at) == Some(&INDIRECT) && mode >> 3 & 7 == 2
    };
    bytes[LONGEST_CALL - 5] == RELATIVE || [2, 3, 4, 6, 7].into_iter().any(indirect)
}

/// Where the interrupted pc stands in a signal frame, counted from the frame's first word, which is the address of the
/// code that ends it. The kernel's `struct rt_sigframe`: that word, uc_flags, uc_link, uc_stack (3 words), registers.
pub const SIGNAL_FRAME_PC: usize = (1 + 1 + 1 + 3 + libc::REG_RIP as usize) * 8;

/// Where the general registers stand in the context of a signal frame, `ucontext_t`, in bytes, by their DWARF numbers (psABI,
/// figure 3.36), and the pc as the return address, number 16.
pub const CONTEXT_REGISTERS: [usize; 17] = {
    const BY_NUMBER: [libc::c_int; 17] = [
        libc::REG_RAX,
        libc::REG_RDX,
        libc::REG_RCX,
        libc::REG_RBX,
        libc::REG_RSI,
        libc::REG_RDI,
        libc::REG_RBP,
        libc::REG_RSP,
        libc::REG_R8,
        libc::REG_R9,
        libc::REG_R10,
        libc::REG_R11,
        libc::REG_R12,
        libc::REG_R13,
        libc::REG_R14,
        libc::REG_R15,
        libc::REG_RIP,
    ];
    // Behind uc_flags, uc_link and uc_stack.
    let first = (1 + 1 + 3) * 8;
    let mut places = [0; 17];
    let mut number = 0;
    while number < places.len() {
        places[number] = first + BY_NUMBER[number] as usize * 8;
        number += 1;
    }
    places
};

/// DWARF numbers of the stack pointer, of the return address, and of the registers that a function gives back as it found
/// them (psABI 3.2.1).
pub const STACK_POINTER: usize = 7;
pub const RETURN_ADDRESS: usize = 16;
pub const KEPT: [usize; 6] = [3, 6, 12, 13, 14, 15];

/// How many general registers there are, without the stack pointer, and with the pc as the last.
pub const REGISTERS: usize = GENERAL.len();

const GENERAL: [libc::c_int; 16] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
    libc::REG_RIP,
];

/// As debuggers name them, in the order of their numbers in instructions.
const NAMED: [(&str, libc::c_int); 18] = [
    ("rax", libc::REG_RAX),
    ("rcx", libc::REG_RCX),
    ("rdx", libc::REG_RDX),
    ("rbx", libc::REG_RBX),
    ("rsp", libc::REG_RSP),
    ("rbp", libc::REG_RBP),
    ("rsi", libc::REG_RSI),
    ("rdi", libc::REG_RDI),
    ("r8", libc::REG_R8),
    ("r9", libc::REG_R9),
    ("r10", libc::REG_R10),
    ("r11", libc::REG_R11),
    ("r12", libc::REG_R12),
    ("r13", libc::REG_R13),
    ("r14", libc::REG_R14),
    ("r15", libc::REG_R15),
    ("rip", libc::REG_RIP),
    ("rflags", libc::REG_EFL),
];

/// What a function may use below the stack pointer (psABI x86_64, 3.2.2 "The Stack Frame").
pub const RED_ZONE: usize = 128;

/// The registers of a thread that a signal interrupted, as its handler sees them.
pub struct Context<'a>(&'a mut libc::ucontext_t);

impl<'a> Context<'a> {
    /// # Safety
    /// `context` is the third argument of a running SA_SIGINFO handler.
    pub unsafe fn of_handler(context: *mut libc::c_void) -> Self {
        // SAFETY: the kernel made a ucontext_t there, and nothing else refers to it while the handler runs.
        Self(unsafe { &mut *context.cast() })
    }

    pub fn pc(&self) -> usize {
        self.0.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
    }

    pub fn sp(&self) -> usize {
        self.0.uc_mcontext.gregs[libc::REG_RSP as usize] as usize
    }

    /// Where the kernel has put the registers. The vector registers lie above, on the same stack.
    pub fn address(&self) -> usize {
        std::ptr::from_ref(&*self.0) as usize
    }

    /// Start and end of the alternate stack of the thread, when the handler runs on it.
    pub fn alternate_stack(&self) -> Option<(usize, usize)> {
        let stack = &self.0.uc_stack;
        let start = stack.ss_sp as usize;
        let end = start.checked_add(stack.ss_size)?;
        (start != 0 && (start..end).contains(&self.address())).then_some((start, end))
    }

    /// [`REGISTERS`] values.
    pub fn registers(&self) -> impl Iterator<Item = usize> + '_ {
        let all = &self.0.uc_mcontext.gregs;
        GENERAL.iter().map(|number| all[*number as usize] as usize)
    }

    /// The registers by name, [`crate::protocol::crash::Registers`] in its order.
    pub fn named_registers(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let all = &self.0.uc_mcontext.gregs;
        NAMED
            .iter()
            .map(|(name, number)| (*name, all[*number as usize] as u64))
    }

    pub fn set_pc(&mut self, pc: usize) {
        self.0.uc_mcontext.gregs[libc::REG_RIP as usize] = pc as i64;
    }

    /// Makes a system call that the signal cut short start over, in place of failing with EINTR.
    ///
    /// SA_RESTART does not cover poll, epoll_wait, nanosleep and their kind: the kernel ends them with -EINTR as soon
    /// as a handler runs (signal(7)). At that moment RAX is -EINTR, RIP stands behind `syscall` (0f 05), and every
    /// argument register still has its value: the instruction changes RAX, RCX and R11 only. What is lost is the call's
    /// number; the C library's wrappers load it right before (`b8 imm32`, mov eax), and only that form is restarted.
    pub fn restart_system_call(&mut self) {
        const SYSCALL: [u8; 2] = [0x0f, 0x05];
        const MOV_EAX: u8 = 0xb8;
        let pc = self.pc();
        let interrupted = -i64::from(libc::EINTR);
        if self.0.uc_mcontext.gregs[libc::REG_RAX as usize] != interrupted || pc < 4096 {
            return;
        }
        // SAFETY: the thread just executed the two bytes before its pc, and code pages can be read; the five bytes
        // before those are read only when they lie in the same page.
        let (instruction, before) = unsafe {
            let instruction = ((pc - 2) as *const [u8; 2]).read();
            let same_page = (pc - 7) / 4096 == (pc - 2) / 4096;
            (
                instruction,
                same_page.then(|| ((pc - 7) as *const [u8; 5]).read()),
            )
        };
        if let (SYSCALL, Some([MOV_EAX, a, b, c, d])) = (instruction, before) {
            self.0.uc_mcontext.gregs[libc::REG_RAX as usize] =
                i64::from(u32::from_le_bytes([a, b, c, d]));
            self.set_pc(pc - 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_reaches_exactly_two_gigabytes() {
        assert_eq!(jump(0x1000, 0x1005), Some([0xe9, 0, 0, 0, 0]));
        assert_eq!(jump(0x2000, 0x1000), Some([0xe9, 0xfb, 0xef, 0xff, 0xff]));
        assert_eq!(
            jump_target(0x2000, [0xe9, 0xfb, 0xef, 0xff, 0xff]),
            Some(0x1000)
        );
        assert_eq!(jump_target(0x2000, [0x55, 0, 0, 0, 0]), None);
        assert!(ends_in_call(&[0, 0, 0xe8, 1, 2, 3, 4]));
        assert!(ends_in_call(&[0, 0, 0, 0, 0, 0xff, 0xd0]));
        assert!(ends_in_call(&[0, 0xff, 0x15, 1, 2, 3, 4]));
        assert!(!ends_in_call(&[0, 0, 0xe9, 1, 2, 3, 4]));
        let from = 1 << 32;
        assert!(jump(from, from + 5 + i32::MAX as usize).is_some());
        assert!(jump(from, from + 6 + i32::MAX as usize).is_none());
        assert!(jump(from, from + 5 - (1 << 31)).is_some());
        assert!(jump(from, from + 4 - (1 << 31)).is_none());
    }
}
