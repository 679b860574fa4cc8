//! Small sources, compiled by the `rustc` on PATH into the one object of a library named `app`.

use super::super::{compare, DebugTables, LayoutChange};
use crate::format::Elf;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// The tables of `source` as the dev profile compiles it.
pub fn read(source: &str) -> DebugTables {
    read_with(source, &[])
}

/// The tables of `source` compiled with further options.
pub fn read_with(source: &str, options: &[&str]) -> DebugTables {
    let object = compile(source, options);
    DebugTables::read(&parse(&object)).unwrap()
}

pub fn parse(object: &[u8]) -> Elf<'_> {
    Elf::parse(object).unwrap()
}

/// What the gate says of an edit from `old` to `new`.
pub fn changes(old: &str, new: &str) -> Vec<LayoutChange> {
    compare(&read(old).types, &read(new).types)
}

/// The only change of an edit, as (type, what).
pub fn only_change(old: &str, new: &str) -> (String, String) {
    let mut changes = changes(old, new);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let change = changes.remove(0);
    (change.type_name, change.what)
}

/// The bytes of the object; full debug information unless `options` say otherwise.
pub fn compile(source: &str, options: &[&str]) -> Vec<u8> {
    let folder = Folder::new();
    let output = folder.0.join("app.o");
    rustc(
        &folder,
        source,
        &[&["--emit", "obj", "-C", "codegen-units=1"], options].concat(),
        &output,
    );
    std::fs::read(&output).unwrap()
}

/// The objects of all codegen units, four at most.
pub fn compile_units(source: &str, options: &[&str]) -> Vec<Vec<u8>> {
    let folder = Folder::new();
    let all = [&["-C", "codegen-units=4", "-C", "save-temps"], options].concat();
    rustc(&folder, source, &all, &folder.0.join("libapp.rlib"));
    let files = std::fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let units = files.filter(|path| path.to_str().is_some_and(|path| path.ends_with(".rcgu.o")));
    units.map(|path| std::fs::read(path).unwrap()).collect()
}

fn rustc(folder: &Folder, source: &str, options: &[&str], output: &Path) {
    let input = folder.0.join("app.rs");
    std::fs::write(&input, source).unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args([
        "--edition",
        "2021",
        "--crate-name",
        "app",
        "--crate-type",
        "lib",
    ]);
    rustc
        .args(["--cap-lints", "allow", "-C", "debuginfo=2"])
        .args(options);
    let result = rustc
        .arg("-o")
        .arg(output)
        .arg(&input)
        .output()
        .expect("rustc is on PATH");
    assert!(
        result.status.success(),
        "{}",
        String::from_utf8_lossy(&result.stderr)
    );
}

/// A folder of its own for each compile, removed with what is in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!(
            "nx-hotpatch-layout-{}-{number}",
            std::process::id()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
