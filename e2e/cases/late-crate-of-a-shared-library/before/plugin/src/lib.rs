#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 {
    reply()
}

#[inline(never)]
fn reply() -> u32 {
    7
}
