//! What the crate `cc` does.
use std::path::Path;
use std::process::Command;

fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    let (object, archive) = (Path::new(&out).join("counter.o"), Path::new(&out).join("libcounter.a"));
    let run = |command: &mut Command| assert!(command.status().unwrap().success());
    run(Command::new("cc").args(["-c", "-O1", "-fPIC", "-ffunction-sections", "-fdata-sections", "src/counter.c", "-o"]).arg(&object));
    run(Command::new("ar").arg("crs").args([&archive, &object]));
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=counter");
    println!("cargo:rerun-if-changed=src/counter.c");
}
