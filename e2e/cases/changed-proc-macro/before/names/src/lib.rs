pub fn name() -> String {
    numbers::text("name")
}
