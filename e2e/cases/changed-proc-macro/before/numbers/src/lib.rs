pub fn text(of: &str) -> String {
    format!("{of}")
}
