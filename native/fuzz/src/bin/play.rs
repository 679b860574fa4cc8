//! Runs inputs of a target on any compiler, without libFuzzer.
//!
//!     play TARGET FILE...                                 these inputs
//!     play TARGET --rounds N --seed S --keep FILE DIR     N mutations of the inputs in DIR
//!
//! Each mutation is in FILE while it is run, so that a crash leaves it there.

use nx_hotpatch_fuzz::mutate::mutate;
use nx_hotpatch_fuzz::random::Random;
use nx_hotpatch_fuzz::targets::{find, Target};
use std::path::{Path, PathBuf};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.remove(at);
        (at < arguments.len()).then(|| arguments.remove(at))
    };
    let rounds = option("--rounds").and_then(|n| n.parse().ok());
    let seed = option("--seed").and_then(|n| n.parse().ok()).unwrap_or(1);
    let keep = option("--keep").map(PathBuf::from);
    let Some(target) = arguments.first().and_then(|name| find(name)) else {
        eprintln!("usage: play TARGET FILE...");
        std::process::exit(2);
    };
    let files: Vec<PathBuf> = arguments.iter().skip(1).map(PathBuf::from).collect();
    match (rounds, keep, files.as_slice()) {
        (Some(rounds), Some(keep), [folder]) => many(target, folder, rounds, seed, &keep),
        _ => files.iter().for_each(|file| one(target, file)),
    }
}

fn one(target: &Target, file: &Path) {
    let data = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    match (target.reaches)(&data) {
        Ok(()) => println!("{}: taken", file.display()),
        Err(why) => println!("{}: refused: {why}", file.display()),
    }
}

fn many(target: &Target, folder: &Path, rounds: usize, seed: u64, keep: &Path) {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("an input").path())
        .collect();
    files.sort();
    let inputs: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).expect("an input"))
        .collect();
    let mut random = Random::new(seed);
    let mut taken = 0;
    for _ in 0..rounds {
        let mut input = random.pick(&inputs).expect("an input").clone();
        mutate(target.form, &mut input, &mut random);
        std::fs::write(keep, &input).expect("a place to keep the input");
        taken += usize::from((target.reaches)(&input).is_ok());
    }
    println!("{taken} of {rounds} taken");
}
