//! An image without host references is a shared object that the system's own dynamic linker can load and run.
use crate::linker::{link, Input};
use crate::objects;
use crate::readers::everything;
use std::process::Command;

#[test]
fn a_loaded_image_runs_and_a_panic_unwinds_through_it() {
    let folder = objects::folder();
    let id = std::process::id();
    let (host, path) = (
        folder.join(format!("host-{id}")),
        folder.join(format!("runs-{id}.so")),
    );
    objects::run(
        Command::new("rustc")
            .args(["--edition", "2021"])
            .arg(objects::source("host.rs"))
            .arg("-o")
            .arg(&host),
    );
    let c = objects::through();
    let image = link(&[
        Input {
            name: "through",
            bytes: c,
            keep: &everything,
        },
        Input {
            name: "subject",
            bytes: objects::dwarf4(),
            keep: &|name| name == "square",
        },
    ]);
    std::fs::write(&path, &image.bytes).unwrap();
    let addresses =
        ["through", "calls", "deeper", "square"].map(|name| image.address(name).to_string());
    let said = objects::run(Command::new(&host).arg(&path).args(addresses));
    // The cleanup ran while the panic passed; each thread has its own thread-local, made from the initial image.
    assert_eq!(said, "caught true landed 1 deeper (42, 44) 42 square 144\n");
    std::fs::remove_file(host).unwrap();
    std::fs::remove_file(path).unwrap();
}
