//! What is fed, and with what.

pub mod differ;
mod engine;
pub mod image;
pub mod layout;
pub mod linker;
pub mod object;
pub mod protocol;
pub mod unwind;

use crate::mutate::Form;

pub use engine::Room;

pub struct Target {
    pub name: &'static str,
    /// Returns on any input; a panic is a finding.
    pub run: fn(&[u8]),
    /// How far an undamaged input comes; `Err` says where it was stopped. Tells that mutations start from something deep.
    pub reaches: fn(&[u8]) -> Result<(), String>,
    /// What its inputs are made of, for mutations that keep them readable.
    pub form: Form,
}

pub const ALL: [Target; 7] = [
    object::TARGET,
    unwind::TARGET,
    layout::TARGET,
    differ::TARGET,
    linker::TARGET,
    image::TARGET,
    protocol::TARGET,
];

pub fn find(name: &str) -> Option<&'static Target> {
    static TARGETS: [Target; 7] = ALL;
    TARGETS.iter().find(|target| target.name == name)
}
