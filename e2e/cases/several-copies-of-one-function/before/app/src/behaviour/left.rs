pub fn copy() -> fn(u32) -> u32 {
    leaf::twice
}
