//! Behaviour on objects of the installed compiler.
