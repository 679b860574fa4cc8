//! What the operating system offers, behind functions that are safe to call. With `arch/`, the only place where unsafe
//! code may stand; each module keeps its own invariants.
pub mod clock;
mod constructor;
pub mod creation;
pub mod debugger;
pub mod descriptors;
pub mod dynamic;
pub mod fork;
pub mod futex;
pub mod gate;
pub mod host;
pub mod membarrier;
pub mod memory;
mod module_names;
mod module_table;
pub mod modules;
pub mod peer;
pub mod remote;
pub mod signals;
pub mod slots;
pub mod stack;
pub mod stop;
pub mod tasks;
pub mod thread;
pub mod tls;
pub mod unwind;
