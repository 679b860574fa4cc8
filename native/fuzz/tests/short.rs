//! A few seconds of each fuzz target, with the same inputs in every run.

use nx_hotpatch_fuzz::corpus::Corpus;
use nx_hotpatch_fuzz::targets::{find, Target, ALL};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// `FUZZ_SEED` plays other inputs.
fn seed() -> String {
    std::env::var("FUZZ_SEED").unwrap_or_else(|_| "1".into())
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the corpus");
    folder
}

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::make(&folder("objects")))
}

/// Mutates the target's corpus in a process of its own, for neither an overflown stack nor exhausted memory can be
/// caught: 4 GiB of addresses and two minutes of CPU are far more than any input may take.
fn short_run(name: &str, rounds: usize) {
    let inputs = folder(name);
    for (file, bytes) in corpus().inputs(name) {
        std::fs::write(inputs.join(file), bytes).expect("an input");
    }
    let keep = inputs.with_extension("input");
    let seed = seed();
    let limits = "ulimit -v 4194304; ulimit -t 120; ulimit -c 0; exec \"$0\" \"$@\"";
    let result = Command::new("sh")
        .args(["-c", limits, env!("CARGO_BIN_EXE_play"), name, "--rounds"])
        .args([&rounds.to_string(), "--seed", &seed, "--keep"])
        .args([&keep, &inputs])
        .output()
        .expect("sh");
    let said = String::from_utf8_lossy(&result.stderr);
    assert!(
        result.status.success(),
        "{name} (seed {seed}) ended with {}: {said}\nThe input is {}; play it again with\n    cargo run --manifest-path native/fuzz/Cargo.toml --no-default-features --bin play -- {name} {}",
        result.status,
        keep.display(),
        keep.display(),
    );
    println!("{name}: {}", String::from_utf8_lossy(&result.stdout).trim());
}

#[test]
fn damaged_files_are_refused_by_their_readers() {
    short_run("object", 4000);
}

#[test]
fn damaged_unwind_tables_are_refused() {
    short_run("unwind", 4000);
}

#[test]
fn damaged_debug_information_is_refused() {
    short_run("layout", 2000);
}

#[test]
fn differences_of_damaged_units_are_refused() {
    short_run("differ", 800);
}

#[test]
fn links_of_damaged_units_are_refused() {
    short_run("linker", 500);
}

#[test]
fn damaged_patch_images_are_refused_by_the_loader() {
    short_run("image", 6000);
}

#[test]
fn damaged_frames_are_refused_by_the_loader() {
    short_run("protocol", 8000);
}

/// A corpus whose inputs are turned down at the door would make everything above pass.
#[test]
fn whole_inputs_are_taken_to_the_end() {
    for target in ALL {
        let inputs = corpus().inputs(target.name);
        assert!(!inputs.is_empty(), "{} has no inputs", target.name);
        for (name, bytes) in inputs {
            assert_eq!((target.reaches)(&bytes), Ok(()), "{}: {name}", target.name);
        }
    }
}

/// Inputs that once broke something, in hexadecimal: `seeds/<target>/<what it was>.hex`.
#[test]
fn what_was_found_stays_repaired() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for (target, file) in found(&seeds) {
        let text = std::fs::read_to_string(&file).expect("a seed");
        let bytes = hexadecimal(&text).unwrap_or_else(|| panic!("{}: not hex", file.display()));
        println!("{}", file.display());
        (target.run)(&bytes);
    }
}

fn found(seeds: &Path) -> Vec<(&'static Target, PathBuf)> {
    let mut all = Vec::new();
    for folder in std::fs::read_dir(seeds).into_iter().flatten().flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        let target = find(&name).unwrap_or_else(|| panic!("no target {name}"));
        let files = std::fs::read_dir(folder.path()).expect("seeds").flatten();
        all.extend(files.map(|file| (target, file.path())));
    }
    all.sort_by(|a, b| a.1.cmp(&b.1));
    all
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| {
        digits
            .chunks_exact(2)
            .map(|d| (d[0] << 4 | d[1]) as u8)
            .collect()
    })
}
