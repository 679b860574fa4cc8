pub fn price(amount: u32) -> u32 {
    largest(&[amount, 5]) + largest(&[amount as u8, 200]) as u32
}

fn largest<T: PartialOrd + Copy>(values: &[T; 2]) -> T {
    if values[0] > values[1] { values[0] } else { values[1] }
}
