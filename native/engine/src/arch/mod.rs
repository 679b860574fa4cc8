//! What the engine knows about instructions.
pub mod x86_64;
