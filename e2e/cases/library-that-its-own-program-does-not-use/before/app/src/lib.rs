//! For others; the program has the module by itself.
pub mod behaviour;

pub fn marked(text: &str) -> String {
    format!("{text}?")
}
