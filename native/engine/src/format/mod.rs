//! What an ELF file is to the engine.

use object::read::elf::ElfFile64;
use object::LittleEndian;

/// Every object and image here is a little-endian ELF64 file.
pub type Elf<'data> = ElfFile64<'data, LittleEndian, &'data [u8]>;
