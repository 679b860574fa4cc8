//! Behaviour on objects of the installed compiler.

mod coroutines;
mod enums;
mod hostile;
mod merged_units;
mod sample;
mod signatures;
mod speed;
mod structs;
mod vtables;
