//! Readers of other projects find nothing to complain about.
use crate::linker::{link, Input, Linked};
use crate::objects;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

pub fn everything(_: &str) -> bool {
    true
}

pub fn some(name: &str) -> bool {
    ["boom", "guarded", "join", "square", "sum", "3add"]
        .iter()
        .any(|part| name.contains(part))
}

fn images() -> Vec<(&'static str, Linked)> {
    let c = objects::through();
    let rust4 = |keep| Input {
        name: "subject-4",
        bytes: objects::dwarf4(),
        keep,
    };
    let rust5 = |keep| Input {
        name: "subject-5",
        bytes: objects::dwarf5(),
        keep,
    };
    let through = Input {
        name: "through",
        bytes: c,
        keep: &everything,
    };
    vec![
        ("all-4", link(&[rust4(&everything)])),
        ("all-5", link(&[rust5(&everything)])),
        ("some-4", link(&[rust4(&some)])),
        ("some-5", link(&[rust5(&some)])),
        ("both", link(&[rust4(&some), rust5(&some), through])),
        ("none", link(&[rust4(&|_| false)])),
    ]
}

/// Tests run side by side: each file has a name of its own.
fn save(name: &str, image: &Linked) -> PathBuf {
    static SAVED: AtomicUsize = AtomicUsize::new(0);
    let number = SAVED.fetch_add(1, Ordering::Relaxed);
    let path = objects::folder().join(format!("{name}-{}-{number}.so", std::process::id()));
    std::fs::write(&path, &image.bytes).unwrap();
    path
}

/// Runs a reader over every image; it must end well and say nothing beside its output.
fn judge(reader: &str, arguments: &[&str], wanted: &str, silent: bool) {
    if Command::new(reader).arg("--version").output().is_err() {
        eprintln!("skipped: no {reader} on PATH");
        return;
    }
    for (name, image) in images()
        .into_iter()
        .filter(|(name, _)| name.contains(wanted))
    {
        let path = save(&format!("{reader}-{name}"), &image);
        let output = Command::new(reader)
            .args(arguments)
            .arg(&path)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{reader} {name}: {} {stdout} {stderr}",
            output.status
        );
        assert_eq!(stderr, "", "{reader} {name}");
        assert!(
            !silent || stdout.lines().all(|line| line == "No errors"),
            "{reader} {name}: {stdout}"
        );
        assert!(
            !stdout.to_lowercase().contains("warning"),
            "{reader} {name}: {stdout}"
        );
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn readelf_reads_headers_and_tables() {
    judge("readelf", &["-aW"], "", false);
}

#[test]
fn readelf_reads_frames_lines_and_units() {
    judge(
        "readelf",
        &[
            "-W",
            "--debug-dump=frames,info,decodedline,aranges,Ranges,str-offsets,addr",
        ],
        "",
        false,
    );
}

#[test]
fn elflint_finds_no_fault() {
    judge("eu-elflint", &["--gnu-ld"], "", true);
}

/// Only images that have all functions: it takes the tombstones of others for functions that overlap at 0, also in
/// what ld makes with `--gc-sections`.
#[test]
fn llvm_verifies_the_debug_information() {
    judge("llvm-dwarfdump", &["--verify"], "all", false);
}
