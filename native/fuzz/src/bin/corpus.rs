//! `corpus FOLDER`: writes the inputs that libFuzzer starts from, a folder a target.

use nx_hotpatch_fuzz::corpus::Corpus;
use nx_hotpatch_fuzz::targets::ALL;
use std::path::PathBuf;

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus"));
    let objects = folder.join("objects");
    std::fs::create_dir_all(&objects).expect("the corpus folder");
    let corpus = Corpus::make(&objects);
    for target in ALL {
        let place = folder.join(target.name);
        std::fs::create_dir_all(&place).expect("the corpus folder");
        let inputs = corpus.inputs(target.name);
        println!("{:3} inputs for {}", inputs.len(), target.name);
        for (name, bytes) in inputs {
            std::fs::write(place.join(name), bytes).expect("an input");
        }
    }
}
