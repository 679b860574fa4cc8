// Long enough for a jump wherever it is put: not every compiler's std keeps functions 16 bytes apart.
#[inline(never)]
pub fn double(amount: u32) -> u32 {
    amount * 3000 / 100
}
