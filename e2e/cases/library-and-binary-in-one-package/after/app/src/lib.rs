pub fn greeting(name: &str) -> String {
    format!("good morning {name}")
}
