//! The readers of files: units, host images, archives, shared libraries, indexes of units.

use super::Target;
use crate::folder::Folder;
use crate::mutate::Form;
use hotpatch_engine::format::archive::Archives;
use hotpatch_engine::format::host::HostImage;
use hotpatch_engine::format::shared_library;
use hotpatch_engine::format::unit::{Target as Place, Unit};
use hotpatch_engine::index::UnitIndex;
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};
use std::path::Path;

pub const TARGET: Target = Target {
    name: "object",
    run: |data| drop(read(data)),
    reaches: read,
    form: Form::File,
};

/// Each file is of one kind, and every reader gets it.
fn read(data: &[u8]) -> Result<(), String> {
    let unit = unit(data);
    let host = host(data);
    let index = UnitIndex::read(Path::new("fuzz.index"), data)
        .map(drop)
        .map_err(|e| e.to_string());
    let from_file = if data.starts_with(b"!<") {
        archive(data)
    } else if data.starts_with(b"\x7fELF") {
        library(data)
    } else {
        Err("no file of ours".into())
    };
    let all = [unit, host, index, from_file];
    if all.iter().any(Result::is_ok) {
        return Ok(());
    }
    Err(format!("{all:?}"))
}

fn unit(data: &[u8]) -> Result<(), String> {
    let path = Path::new("fuzz.o");
    let unit = Unit::parse("fuzz", path, data.into()).map_err(|e| e.to_string())?;
    for section in 0..=unit.sections.len() {
        unit.bytes(section);
        unit.name_of(section);
        unit.is_function(section);
        for relocation in unit.relocations(section) {
            let (Place::Section { symbol, .. } | Place::Undefined(symbol)) =
                unit.target(relocation);
            unit.definition(&symbol.name);
        }
    }
    let index = UnitIndex::of(&unit);
    let written = index.write();
    assert_eq!(UnitIndex::read(path, &written).as_ref().ok(), Some(&index));
    Ok(())
}

/// Names to ask for: some of those that are there, which a damaged table may hold by the thousand.
fn names(data: &[u8]) -> Vec<String> {
    let Ok(file) = object::File::parse(data) else {
        return Vec::new();
    };
    let names = file.symbols().filter_map(|s| s.name().ok());
    names.take(64).map(str::to_owned).collect()
}

fn host(data: &[u8]) -> Result<(), String> {
    let path = Path::new("fuzz");
    let host = HostImage::parse(path, data.to_vec()).map_err(|e| e.to_string())?;
    for name in names(data) {
        host.local_symbol("app", &name);
        let Some(symbol) = host.symbol(&name) else {
            continue;
        };
        host.thread_offset(symbol);
        host.functions_at(symbol.address);
        host.room(symbol.address);
        host.read(symbol.address, 16);
        host.read(symbol.address, usize::try_from(symbol.size).unwrap_or(1));
    }
    Ok(())
}

fn library(data: &[u8]) -> Result<(), String> {
    let folder = Folder::new();
    let names = shared_library::exports(&folder.write("libfuzz.so", data));
    names.map(drop).map_err(|e| e.to_string())
}

fn archive(data: &[u8]) -> Result<(), String> {
    let folder = Folder::new();
    let mut archives =
        Archives::open(&[folder.write("libfuzz.rlib", data)]).map_err(|e| e.to_string())?;
    let symbols = ArchiveFile::parse(data).and_then(|archive| archive.symbols());
    for symbol in symbols.ok().flatten().into_iter().flatten().take(64) {
        let Ok(symbol) = symbol else { continue };
        let name = String::from_utf8_lossy(symbol.name()).into_owned();
        if let Ok(Some(member)) = archives.member(&name) {
            member.definition(&name);
        }
    }
    Ok(())
}
