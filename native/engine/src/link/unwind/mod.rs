//! `.eh_frame`: read from objects function by function, written fresh for a patch.
//!
//! An FDE cannot be copied as bytes: its CIE pointer, PC and LSDA pointer are relative to its own place. It is taken
//! apart into what it says (range, CFA instructions, personality, LSDA) and said again at the new place.
mod cie;
mod emit;
mod encoding;
mod error;
mod read;
mod record;
mod section;
mod table;

pub use emit::{emit, size, EhFrame, Placed};
pub use error::Error;
pub use read::{Frame, Frames, Lsda};
