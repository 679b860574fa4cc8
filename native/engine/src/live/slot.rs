//! A unit's object, read when somebody asks.

use crate::format::unit::Unit;
use crate::format::{Error, Result};
use crate::index::{self, UnitIndex};
use crate::layout::{self, DebugTables};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A unit's object on disk and what has been read of it so far.
#[derive(Clone)]
pub struct UnitSlot {
    pub path: PathBuf,
    unit: Arc<OnceLock<Arc<Unit>>>,
    debug: Arc<OnceLock<Arc<DebugTables>>>,
    index: Arc<OnceLock<UnitIndex>>,
}

impl UnitSlot {
    pub fn new(path: &Path) -> Self {
        UnitSlot {
            path: path.into(),
            unit: Arc::default(),
            debug: Arc::default(),
            index: Arc::default(),
        }
    }

    /// The same object with nothing read of it, so that keeping it costs no memory.
    pub fn unread(&self) -> Self {
        UnitSlot::new(&self.path)
    }

    pub fn unit(&self) -> Result<Arc<Unit>> {
        if let Some(unit) = self.unit.get() {
            return Ok(unit.clone());
        }
        let unit = Arc::new(Unit::open(&self.path)?);
        Ok(self.unit.get_or_init(|| unit).clone())
    }

    /// Whether a relocation of the unit refers to one of `names`; opens the unit if it was not indexed before.
    pub fn refers_to<'n>(&self, mut names: impl Iterator<Item = &'n String>) -> Result<bool> {
        let index = self.index()?;
        Ok(names.any(|name| index.refers_to(name)))
    }

    pub fn defines(&self, name: &str) -> Result<bool> {
        Ok(self.index()?.defines(name))
    }

    /// Whether the unit has a function of this name, shared or its own copy.
    pub fn has_function(&self, name: &str) -> Result<bool> {
        let index = self.index()?;
        Ok(index.has_copy(name) || index.defines(name))
    }

    fn index(&self) -> Result<&UnitIndex> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let index = match index::read_beside(&self.path) {
            Some(index) => index,
            None => UnitIndex::of(&*self.unit()?),
        };
        Ok(self.index.get_or_init(|| index))
    }

    /// Types, signatures and vtables; `Error` also when the object has no debug information, for then nothing can
    /// be said about layouts. An object of nothing, as a library of generics alone has it, needs none.
    pub fn debug(&self) -> Result<Arc<DebugTables>> {
        if let Some(debug) = self.debug.get() {
            return Ok(debug.clone());
        }
        let unit = self.unit()?;
        let tables = match DebugTables::read(&unit.elf()?) {
            Err(layout::Error::NoDebugInfo) if unit.is_empty() => DebugTables::default(),
            read => read.map_err(|e| Error::new(&self.path, e))?,
        };
        Ok(self.debug.get_or_init(|| Arc::new(tables)).clone())
    }
}
