//! What a shared library of the host offers: the names that the loader will find with `dlsym`.

use super::claim::Claim;
use super::{Error, Result};
use object::elf;
use object::read::elf::{FileHeader, Sym};
use object::Endianness;
use rustc_hash::FxHashSet;
use std::path::Path;

/// Names of functions and data that the library defines for others. Thread-locals are left out: `dlsym` gives the
/// calling thread's copy, which is of no use to a patch.
pub fn exports(path: &Path) -> Result<FxHashSet<String>> {
    let data = std::fs::read(path).map_err(|e| Error::new(path, format!("cannot be read: {e}")))?;
    let damaged = |e: object::read::Error| Error::new(path, format!("damaged library: {e}"));
    let header = elf::FileHeader64::<Endianness>::parse(&*data).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    let sections = header.sections(endian, &*data).map_err(damaged)?;
    let table = sections
        .symbols(endian, &*data, elf::SHT_DYNSYM)
        .map_err(damaged)?;
    let mut claim = Claim::of(data.len());
    let mut names = FxHashSet::default();
    for symbol in table.iter() {
        let offered = symbol.st_bind() != elf::STB_LOCAL
            && symbol.st_shndx(endian) != elf::SHN_UNDEF
            && symbol.st_type() != elf::STT_TLS;
        if offered {
            let name = table.symbol_name(endian, symbol).map_err(damaged)?;
            claim.name(name).map_err(|what| Error::new(path, what))?;
            names.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(names)
}
