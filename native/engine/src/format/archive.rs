//! rlibs and archives of the captured link line, from which a function that the image does not contain is pulled.

use super::claim::Claim;
use super::unit::Unit;
use super::{Error, Result};
use object::read::archive::ArchiveFile;
use object::read::ReadCache;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The symbol tables of all archives, and the members that have been read.
#[derive(Default)]
pub struct Archives {
    files: Vec<PathBuf>,
    /// Name -> (archive, offset of the member's header), the first archive of the link line winning.
    members: FxHashMap<String, (usize, u64)>,
    read: FxHashMap<(usize, u64), Arc<Unit>>,
}

impl Archives {
    /// Reads the symbol tables only. An archive that cannot be read is an error: a symbol that is in it would
    /// otherwise be reported as missing everywhere.
    pub fn open(paths: &[PathBuf]) -> Result<Archives> {
        let mut archives = Archives {
            files: paths.to_vec(),
            ..Archives::default()
        };
        for (index, path) in paths.iter().enumerate() {
            let damaged =
                |e: object::read::Error| Error::new(path, format!("damaged archive: {e}"));
            let file =
                File::open(path).map_err(|e| Error::new(path, format!("cannot be read: {e}")))?;
            let size = file.metadata().map_or(0, |about| about.len());
            let cache = ReadCache::new(file);
            let archive = ArchiveFile::parse(&cache).map_err(damaged)?;
            let Some(symbols) = archive.symbols().map_err(damaged)? else {
                continue;
            };
            let mut claim = Claim::of(usize::try_from(size).unwrap_or(usize::MAX));
            for symbol in symbols {
                let symbol = symbol.map_err(damaged)?;
                claim
                    .name(symbol.name())
                    .map_err(|what| Error::new(path, what))?;
                let name = String::from_utf8_lossy(symbol.name()).into_owned();
                archives
                    .members
                    .entry(name)
                    .or_insert((index, symbol.offset().0));
            }
        }
        Ok(archives)
    }

    /// The object that defines `name`.
    pub fn member(&mut self, name: &str) -> Result<Option<Arc<Unit>>> {
        let Some(&place) = self.members.get(name) else {
            return Ok(None);
        };
        if let Some(unit) = self.read.get(&place) {
            return Ok(Some(unit.clone()));
        }
        let unit = Arc::new(read_member(&self.files[place.0], place.1)?);
        self.read.insert(place, unit.clone());
        Ok(Some(unit))
    }
}

fn read_member(path: &Path, offset: u64) -> Result<Unit> {
    let damaged = |e: object::read::Error| Error::new(path, format!("damaged archive: {e}"));
    let file = File::open(path).map_err(|e| Error::new(path, format!("cannot be read: {e}")))?;
    let cache = ReadCache::new(file);
    let archive = ArchiveFile::parse(&cache).map_err(damaged)?;
    let member = archive
        .member(object::read::archive::ArchiveOffset(offset))
        .map_err(damaged)?;
    let name = String::from_utf8_lossy(member.name()).into_owned();
    let bytes = member.data(&cache).map_err(damaged)?;
    Unit::parse(&name, path, bytes.to_vec().into())
}
