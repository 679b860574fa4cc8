//! Types, vtables and signatures, from DWARF.
