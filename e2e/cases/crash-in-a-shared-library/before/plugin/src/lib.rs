#[unsafe(no_mangle)]
pub extern "C" fn answer(number: usize) -> u32 {
    read(number)
}

fn read(number: usize) -> u32 {
    number as u32 + 1
}
