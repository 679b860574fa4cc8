//! Programs that need the loader.
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSection, ObjectSymbol};

use super::{run, Folder};

pub struct Program {
    pub path: PathBuf,
    pub build_id: String,
    symbols: HashMap<String, u64>,
    contents: Vec<u8>,
    _folder: Folder,
}

impl Program {
    /// Compiles `tests/programs/<name>.c`.
    pub fn c(name: &str) -> Self {
        Self::c_with(name, &[])
    }

    pub fn c_with(name: &str, flags: &[&str]) -> Self {
        let folder = Folder::new();
        let path = folder.0.join(name);
        // --no-as-needed and first on the line: the way in which the product links it.
        run(Command::new("cc")
            .args([
                "-g",
                "-O1",
                "-falign-functions=16",
                "-pthread",
                "-Wall",
                "-Werror",
                "-Wl,--build-id",
                "-Wl,--no-as-needed",
            ])
            .args(flags)
            .arg(loader())
            .arg(source(name, "c"))
            .arg("-o")
            .arg(&path));
        Self::read(path, folder)
    }

    /// Compiles `tests/programs/<name>.rs` as cargo's `dev` profile does.
    pub fn rust(name: &str) -> Self {
        let folder = Folder::new();
        let path = folder.0.join(name);
        // The loader first, so that its dl_iterate_phdr comes before the C library's: the way in which the product links.
        let linker = folder.0.join("linker");
        let script = format!(
            "#!/bin/sh\nexec cc -Wl,--no-as-needed '{}' \"$@\"\n",
            loader().display()
        );
        std::fs::write(&linker, script).unwrap();
        run(Command::new("chmod").arg("+x").arg(&linker));
        let mut use_linker = std::ffi::OsString::from("linker=");
        use_linker.push(&linker);
        run(Command::new("rustc")
            .args(["--edition=2021", "-Cdebuginfo=2", "-Copt-level=0"])
            .args(["-Clink-arg=-Wl,--build-id", "-C"])
            .arg(use_linker)
            .arg(source(name, "rs"))
            .arg("-o")
            .arg(&path));
        Self::read(path, folder)
    }

    /// Compiles `tests/programs/<name>.c` as a program without the loader.
    pub fn plain(name: &str) -> Self {
        Self::by_cc(name, &[])
    }

    /// Compiles `tests/programs/<name>.c` as a shared library that announces itself.
    pub fn library(name: &str) -> Self {
        let announcement = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/announce.c");
        let announcement = announcement.to_str().unwrap();
        Self::by_cc(name, &["-shared", "-fPIC", announcement])
    }

    fn by_cc(name: &str, flags: &[&str]) -> Self {
        let folder = Folder::new();
        let path = folder.0.join(name);
        run(Command::new("cc")
            .args(["-g", "-O1", "-falign-functions=16", "-pthread"])
            .args(["-Wall", "-Werror", "-Wl,--build-id"])
            .args(flags)
            .arg(source(name, "c"))
            .arg("-o")
            .arg(&path));
        Self::read(path, folder)
    }

    fn read(path: PathBuf, folder: Folder) -> Self {
        let contents = std::fs::read(&path).unwrap();
        let file = object::File::parse(contents.as_slice()).unwrap();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let build_id = hex(file.build_id().unwrap().unwrap());
        let symbols = file
            .symbols()
            .filter_map(|symbol| Some((symbol.name().ok()?.to_owned(), symbol.address())))
            .collect();
        Self {
            build_id,
            symbols,
            path,
            contents,
            _folder: folder,
        }
    }

    /// A symbol's address relative to the load bias.
    pub fn address(&self, symbol: &str) -> u64 {
        *self
            .symbols
            .get(symbol)
            .unwrap_or_else(|| panic!("no symbol {symbol}"))
    }

    /// The end of a symbol, relative to the load bias.
    pub fn end(&self, symbol: &str) -> u64 {
        let file = object::File::parse(self.contents.as_slice()).unwrap();
        let found = file.symbols().find(|one| one.name() == Ok(symbol));
        let found = found.unwrap_or_else(|| panic!("no symbol {symbol}"));
        assert!(found.size() > 0, "{symbol} has no size");
        found.address() + found.size()
    }

    pub fn bytes(&self, address: u64, size: u64) -> Vec<u8> {
        let file = object::File::parse(self.contents.as_slice()).unwrap();
        let section = file
            .sections()
            .find(|section| {
                (section.address()..section.address() + section.size()).contains(&address)
            })
            .unwrap();
        let at = (address - section.address()) as usize;
        section.data().unwrap()[at..at + size as usize].to_vec()
    }
}

/// The library that `cargo test` has built beside the tests, in `deps` (the copy one folder up is of `cargo build`).
pub fn loader() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.with_file_name("libnx_hotpatch_loader.so");
    assert!(path.exists(), "{} was not built", path.display());
    path
}

fn source(name: &str, extension: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/programs")
        .join(format!("{name}.{extension}"))
}
