//! Reading what the engine works on: codegen units, the host image, archives and shared libraries.
//!
//! Everything is parsed from untrusted bytes: out-of-range values are an [`Error`], never a panic.

pub mod archive;
mod claim;
pub mod host;
pub mod shared_library;
pub mod unit;

use object::read::elf::ElfFile64;
use object::LittleEndian;
use std::fmt;
use std::path::Path;

/// Every object and image here is a little-endian ELF64 file.
pub type Elf<'data> = ElfFile64<'data, LittleEndian, &'data [u8]>;

/// Why a file could not be read, with the file that it is about.
#[derive(Debug, Clone)]
pub struct Error {
    pub file: String,
    pub what: String,
}

impl Error {
    pub fn new(file: &Path, what: impl fmt::Display) -> Self {
        Error {
            file: file.display().to_string(),
            what: what.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl std::error::Error for Error {}

pub type Result<T> = std::result::Result<T, Error>;
