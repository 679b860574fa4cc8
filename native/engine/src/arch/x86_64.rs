//! x86_64: whether a function's entry can be overwritten, and which instruction a relocated field belongs to.

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction};

/// `e9 rel32`, jmp near: what is written over an entry.
pub const JUMP: u64 = 5;

/// `jmp rel32` from `from` to `to`, both in one address space. `None` when they are more than 2 GiB apart.
pub fn jump(from: i64, to: i64) -> Option<[u8; 5]> {
    let distance = i32::try_from(to.checked_sub(from)?.checked_sub(JUMP as i64)?).ok()?;
    let [a, b, c, d] = distance.to_le_bytes();
    Some([0xe9, a, b, c, d])
}

/// Why the first five bytes of a function cannot become a jump, or `None` when they can.
///
/// The loader makes sure that no thread *stands* inside the five bytes when it writes them. What it cannot see is a
/// thread that comes back to them later: by a branch from further down (a loop whose head is the second instruction),
/// or by returning from a call that ends inside them.
pub fn entry_hazard(code: &[u8]) -> Option<&'static str> {
    let inside = 1..JUMP;
    let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
    let mut instruction = Instruction::default();
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        match instruction.flow_control() {
            FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
                if inside.contains(&instruction.near_branch_target()) =>
            {
                return Some("a loop starts in its first five bytes");
            }
            FlowControl::Call | FlowControl::IndirectCall
                if inside.contains(&instruction.next_ip()) =>
            {
                return Some("a call returns into its first five bytes");
            }
            _ => {}
        }
    }
    None
}

/// Whether the 32-bit field at `offset` is the displacement of a direct call or jump (`e8`, `e9`, `0f 8x`) or of an
/// indirect one through memory (`ff /2`, `ff /4`). Anything else that holds an address of a function takes it.
pub fn is_call_or_jump(code: &[u8], offset: u64) -> bool {
    let Ok(at) = usize::try_from(offset) else {
        return false;
    };
    let byte = |back: usize| at.checked_sub(back).and_then(|i| code.get(i)).copied();
    matches!(
        (byte(2), byte(1)),
        (_, Some(0xe8 | 0xe9)) | (Some(0x0f), Some(0x80..=0x8f)) | (Some(0xff), Some(0x15 | 0x25))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_reaches_two_gigabytes_either_way() {
        assert_eq!(jump(0x1000, 0x2000), Some([0xe9, 0xfb, 0x0f, 0, 0])); // jmp +0xffb
        assert_eq!(jump(0, -512 << 20), Some([0xe9, 0xfb, 0xff, 0xff, 0xdf]));
        assert_eq!(jump(0, 3 << 30), None);
    }

    #[test]
    fn an_ordinary_prologue_has_no_hazard() {
        // push rbp; mov rbp,rsp; sub rsp,16; ret
        assert_eq!(
            entry_hazard(&[0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x10, 0xc3]),
            None
        );
    }

    #[test]
    fn a_loop_back_to_the_second_instruction_is_a_hazard() {
        // dec eax; L: dec ecx; jne L; ret
        let code = [0xff, 0xc8, 0xff, 0xc9, 0x75, 0xfc, 0xc3];
        assert_eq!(
            entry_hazard(&code),
            Some("a loop starts in its first five bytes")
        );
    }

    #[test]
    fn a_call_that_returns_into_the_entry_is_a_hazard() {
        // call rax; ret
        assert_eq!(
            entry_hazard(&[0xff, 0xd0, 0xc3]),
            Some("a call returns into its first five bytes")
        );
    }

    #[test]
    fn a_call_is_told_from_a_load_of_the_address() {
        assert!(is_call_or_jump(&[0xe8, 0, 0, 0, 0], 1)); // call rel32
        assert!(is_call_or_jump(&[0xff, 0x15, 0, 0, 0, 0], 2)); // call [rip+rel32]
        assert!(!is_call_or_jump(&[0x48, 0x8d, 0x05, 0, 0, 0, 0], 3)); // lea rax,[rip+rel32]
    }
}
