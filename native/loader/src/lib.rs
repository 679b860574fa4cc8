//! Lives inside the program that is being patched: receives, loads, applies and undoes patches.
//!
//! The program needs this library at link time and does not know of it. `native/protocol/README.md` is the contract.
//! Unsafe code stands in `os/` and `arch/` alone; the modules beside them say what is done and in which order.
//!
//! In reading order: [`start`], [`session`], [`patch`], [`load`], [`apply`].
#![deny(unsafe_op_in_unsafe_fn)]

pub mod apply;
pub mod arch;
pub mod busy;
pub mod checkpoint;
pub mod crashes;
pub mod debugger;
pub mod edits;
pub mod hold;
pub mod image;
pub mod landing;
pub mod load;
pub mod memory_map;
pub mod old_values;
pub mod os;
pub mod patch;
pub mod patience;
pub mod process;
pub mod protocol;
pub mod reach;
pub mod refusal;
pub mod session;
pub mod standing;
pub mod start;
pub mod thread_locals;
pub mod thread_state;
pub mod unload;
pub mod unwinding;
pub mod window;
