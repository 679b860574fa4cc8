//! Objects of the tests, made once by the compilers on PATH.
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where a test may leave its files.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/image")
        .join(name)
}

pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed with {}: {stderr}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn compile(dwarf: u32) -> Vec<u8> {
    let mut rustc = Command::new("rustc");
    rustc.args([
        "--crate-type",
        "rlib",
        "--emit",
        "obj",
        "-g",
        "-Ccodegen-units=1",
        "--edition",
        "2021",
    ]);
    rustc
        .arg(format!("-Cdwarf-version={dwarf}"))
        .arg(source("subject.rs"));
    made_by(&mut rustc, &format!("subject-{dwarf}"))
}

/// `subject.rs` as rustc's dev profile makes it.
pub fn dwarf4() -> &'static [u8] {
    static OBJECT: OnceLock<Vec<u8>> = OnceLock::new();
    OBJECT.get_or_init(|| compile(4))
}

pub fn dwarf5() -> &'static [u8] {
    static OBJECT: OnceLock<Vec<u8>> = OnceLock::new();
    OBJECT.get_or_init(|| compile(5))
}

/// `through.c`: a function with a cleanup that a panic unwinds through, with every reference by the GOT.
pub fn through() -> &'static [u8] {
    static OBJECT: OnceLock<Vec<u8>> = OnceLock::new();
    OBJECT.get_or_init(|| {
        let mut cc = Command::new("cc");
        cc.args([
            "-c",
            "-g",
            "-gdwarf-4",
            "-O0",
            "-fPIC",
            "-fno-plt",
            "-ftls-model=initial-exec",
        ]);
        cc.args(["-fexceptions", "-ffunction-sections"])
            .arg(source("through.c"));
        made_by(&mut cc, "through")
    })
}

/// The object that a compiler writes, leaving no file behind.
pub fn made_by(compiler: &mut Command, name: &str) -> Vec<u8> {
    let object = folder().join(format!("{name}-{}.o", std::process::id()));
    run(compiler.arg("-o").arg(&object));
    let bytes = std::fs::read(&object).unwrap();
    std::fs::remove_file(&object).unwrap();
    bytes
}
