unsafe extern "C" {
    safe fn nobody_has_this_function(amount: u32) -> u32;
}

pub fn double(amount: u32) -> u32 {
    nobody_has_this_function(amount)
}
