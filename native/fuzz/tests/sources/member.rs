//! An archive's member, from which a function is lifted.
static WORDS: [u32; 2] = [3, 4];

#[no_mangle]
pub extern "C" fn member(x: u32) -> u32 {
    x.wrapping_mul(WORDS[(x & 1) as usize])
}
