pub fn double(amount: u32) -> u32 {
    f64::from(amount).powf(3.0) as u32
}
