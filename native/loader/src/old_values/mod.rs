//! Whether a value of a layout that a patch changes can be alive, looked up in the process while nothing in it moves.
//!
//! # The theory
//! The engine says where a value of the old layout would show: in the code of the functions that have such values in their
//! frames or registers while they run, and in the tables (vtables) that an object of the type refers to. When no word of
//! the program leads into any of these ranges, no such function runs, none waits for one that it has called, nobody has a
//! pointer to one, and no object with such a table is left. A word is looked for as a garbage collector without knowledge
//! of types does it: whatever has the value of an address counts as one.
//!
//! - Every thread is held in a signal's handler ([`crate::checkpoint`]), so all its registers stand in the frame that the
//!   kernel has pushed, and on its stack is what it will return to. Other than in [`crate::reach`] nothing is moved from
//!   where nobody has looked to where somebody has.
//! - Looked at are the frame, the stack from its stack pointer up (with the red zone), and all other memory in which the
//!   program may have written: data, heap, mappings, mutable data of patches.
//! - Not looked at is what nobody but the linker has written: code, constants, and tables in memory that is read-only since
//!   the program was loaded or since a patch was. The engine knows what is in there. What the loader keeps for itself is
//!   not the program's.
//! - Which calls a thread is in, its unwind tables tell ([`crate::unwinding`]). Then a word on its stack that can only be a
//!   return address, and is none of these, is left over from a call that has ended, and does not count.
//! - For code a word that is its end counts too if a call ends there: it is where a function that never returns would do so.
//!
//! # What it relies on
//! - A pointer is a word of 8 bytes at an address that is a multiple of 8. Packed structures are not seen.
//! - It is stored as it is. Pointers that the C library mangles (setjmp(3), atexit(3)), that the program hides in numbers,
//!   or compresses, are not seen, nor is what was handed to the kernel (handlers of signals, timers, epoll(7), io_uring(7))
//!   and is in no memory of the process.
//! - No other process runs in the same memory (clone(2), CLONE_VM) but the child of a vfork(2), whose parent cannot be held
//!   before the child is done.
//! - Memory that nobody can read now is not made readable again later to be used. Pages that are not mapped in and not
//!   swapped out hold nothing: of memory that is shared with a file or with other processes, that is not so if the kernel
//!   has taken pages back.
//! - What lies below a stack pointer is dead, down to the guard of the stack. That is said of the stack that a thread was made
//!   with (the kernel names it, or a guard is below and the thread pointer above) and of the alternate stack that a handler
//!   is on; of any other, as coroutines have, all is looked at.
//!
//! Words that are left over from before (in freed memory, in unused room of a frame, on the stack of a thread that has
//! ended) count as well. They make it refuse more, never less.
//!
//! # While threads are held
//! Any of them can hold the lock of the program's allocator, of the dynamic linker or of stdio, so between [`Search::run`]'s
//! beginning and its end nothing may be allocated or freed, not even from the loader's own heap: what does not fit in there
//! comes from the C library. All room is made by [`Search::prepare`], and what does not fit is a reason to refuse. Files
//! are read by plain system calls. Sorting is in place, and the sentence is made when the threads run again.
mod finding;
mod question;
mod search;
mod stacks;
mod words;

pub use finding::Finding;
pub use question::{absent, Absent, Question};
pub use search::Search;
