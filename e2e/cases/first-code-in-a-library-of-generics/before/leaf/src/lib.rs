pub fn double<T: Copy + std::ops::Add<Output = T>>(amount: T) -> T {
    amount + amount
}
