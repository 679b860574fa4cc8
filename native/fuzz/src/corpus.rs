//! Inputs to start from: real objects, images, archives and frames, made by the compiler at hand.
//!
//! A source in `tests/sources/` is one program and the next version of it: lines behind `//+` are the edit. The image is a
//! shared object of the first version, which has all that the engine asks of a program and a thousandth of its size.

use crate::parts::pack;
use crate::targets::linker;
use crate::targets::Room;
use object::{Object, ObjectSection, ObjectSymbol};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Inputs of each target, by name.
pub type Inputs = Vec<(String, Vec<u8>)>;

pub struct Corpus {
    folder: PathBuf,
}

const SOURCES: [&str; 3] = ["small", "state", "types"];

/// Compilers' choices that change what an object looks like.
const VARIANTS: [(&str, &[&str]); 4] = [
    ("plain", &["-Cdebuginfo=2"]),
    ("optimized", &["-Copt-level=2", "-Cdebuginfo=2"]),
    (
        "dwarf5",
        &[
            "-Cdebuginfo=2",
            "-Cdwarf-version=5",
            "-Csymbol-mangling-version=v0",
        ],
    ),
    ("bare", &["-Cdebuginfo=0", "-Copt-level=s"]),
];

impl Corpus {
    /// Compiles everything in `folder`, which exists.
    pub fn make(folder: &Path) -> Corpus {
        let corpus = Corpus {
            folder: folder.into(),
        };
        corpus.rustc(
            "member",
            "member.rlib",
            &["--crate-type=rlib", "-Copt-level=1"],
            false,
        );
        for source in SOURCES {
            for (variant, options) in VARIANTS {
                let all = [&["--emit=obj", "--crate-type=lib"], options].concat();
                for (version, edited) in [("old", false), ("new", true)] {
                    corpus.rustc(
                        source,
                        &format!("{source}-{variant}-{version}.o"),
                        &all,
                        edited,
                    );
                }
                corpus.image(&format!("{source}-{variant}"));
            }
        }
        corpus.library();
        corpus
    }

    /// What a target starts from; empty for an unknown name.
    pub fn inputs(&self, target: &str) -> Inputs {
        match target {
            "object" => [self.objects(), self.files(&["rlib", "so"])].concat(),
            "unwind" => self.objects(),
            // Nobody asks an object without debug information for types.
            "layout" => self
                .objects()
                .into_iter()
                .filter(|(name, _)| !name.contains("bare"))
                .collect(),
            "differ" | "linker" => self.changes(),
            "image" => self.patches(),
            "protocol" => frames(),
            _ => Vec::new(),
        }
    }

    fn objects(&self) -> Inputs {
        self.files(&["o"])
    }

    fn files(&self, extensions: &[&str]) -> Inputs {
        let entries = std::fs::read_dir(&self.folder)
            .expect("the corpus")
            .flatten();
        let mut found: Inputs = entries
            .filter(|entry| {
                let path = entry.path();
                let extension = path.extension().and_then(|e| e.to_str());
                extension.is_some_and(|e| extensions.contains(&e))
            })
            .map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                (
                    name,
                    std::fs::read(entry.path()).expect("a file of the corpus"),
                )
            })
            .collect();
        found.sort();
        found
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).expect("a file of the corpus")
    }

    /// Old unit, new unit, image, archive, library, room. One without debug information is refused before it is compared.
    fn changes(&self) -> Inputs {
        let mut changes = Inputs::new();
        for source in SOURCES {
            for (variant, _) in VARIANTS.iter().filter(|(variant, _)| *variant != "bare") {
                let name = format!("{source}-{variant}");
                let files =
                    ["-old.o", "-new.o", ".so"].map(|end| self.read(&format!("{name}{end}")));
                let rest = [
                    self.read("member.rlib"),
                    self.read("library.so"),
                    Room::ORDINARY.write(),
                ];
                changes.push((name, pack(&[&files[..], &rest[..]].concat())));
            }
        }
        changes
    }

    /// The images that the engine makes of the changes, and the first of them with everything that a plan can have.
    fn patches(&self) -> Inputs {
        let mut patches = self.linked();
        let whole = patches
            .first()
            .map(|(name, image)| (format!("{name}-absent"), with_absent(image)));
        patches.extend(whole);
        patches
    }

    fn linked(&self) -> Inputs {
        let linked = self.changes().into_iter().flat_map(|(name, change)| {
            let images = linker::images(&change).expect("the corpus links");
            (1..)
                .zip(images)
                .map(move |(patch, bytes)| (format!("{name}-{patch}"), bytes))
        });
        linked.collect()
    }

    fn rustc(&self, source: &str, output: &str, options: &[&str], edited: bool) {
        let text =
            std::fs::read_to_string(sources().join(format!("{source}.rs"))).expect("a source");
        let text = if edited {
            text.replace("//+ ", "")
        } else {
            text
        };
        let input = self.folder.join(format!("{source}.rs"));
        std::fs::write(&input, text).expect("a source of the corpus");
        self.run(
            Command::new("rustc")
                .args(["--edition=2021", "--crate-name=app", "--cap-lints=allow"])
                .args(["-Ccodegen-units=1", "-Crelocation-model=pic"])
                .args(options)
                .arg("-o")
                .arg(output)
                .arg(&input),
        );
    }

    fn image(&self, name: &str) {
        self.run(
            Command::new("cc")
                .args([
                    "-shared",
                    "-nostdlib",
                    "-Wl,--build-id=sha1",
                    "-Wl,--strip-debug",
                    "-Wl,-z,noseparate-code",
                ])
                .arg(format!("{name}-old.o"))
                .args(["-o", &format!("{name}.so")]),
        );
    }

    /// A shared library with everything that the objects want, but for what the archive has.
    fn library(&self) {
        let mut text = String::from(".section .note.GNU-stack\n.text\n");
        let mut known = BTreeSet::from(["member".to_owned()]);
        for (_, bytes) in self.objects() {
            let file = object::File::parse(&*bytes).expect("an object of the corpus");
            for symbol in file.symbols().filter(|symbol| symbol.is_undefined()) {
                let name = symbol.name().expect("a name of the corpus");
                if !name.is_empty() && known.insert(name.to_owned()) {
                    text += &format!(".globl \"{name}\"\n\"{name}\": ret\n");
                }
            }
        }
        std::fs::write(self.folder.join("library.s"), text).expect("a source of the corpus");
        self.run(Command::new("cc").args([
            "-shared",
            "-nostdlib",
            "library.s",
            "-o",
            "library.so",
        ]));
    }

    fn run(&self, command: &mut Command) {
        let result = command.current_dir(&self.folder).output();
        let result = result.unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let said = String::from_utf8_lossy(&result.stderr);
        assert!(result.status.success(), "{command:?}: {said}");
    }
}

/// The same image with ranges in its plan that nothing may lead to. The longer plan stands at the end of the file.
fn with_absent(image: &[u8]) -> Vec<u8> {
    const RANGES: &str = r#""absent":[{"name":"app::parse","kind":"code","start":74566,"end":74901},{"name":"<app::Row as core::fmt::Debug>","kind":"table","start":-312432,"end":-312400}]"#;
    let file = object::File::parse(image).expect("an image of the corpus");
    let section = file.section_by_name(".nx_hotpatch").expect("a plan");
    let plan = std::str::from_utf8(section.data().expect("a plan")).expect("a plan");
    let open = plan.trim_end().strip_suffix('}').expect("an object");
    let plan = format!("{open},{RANGES}}}");
    let word = |at: usize| image.get(at..at + 8).and_then(|word| word.try_into().ok());
    // e_shoff, and in the section's header (64 bytes) sh_offset and sh_size.
    let headers = word(0x28).map_or(0, usize::from_le_bytes);
    let header = headers + section.index().0 * 64;
    let mut changed = image.to_vec();
    changed[header + 24..header + 32].copy_from_slice(&image.len().to_le_bytes());
    changed[header + 32..header + 40].copy_from_slice(&plan.len().to_le_bytes());
    changed.extend(plan.bytes());
    changed
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources")
}

/// The golden frames that are to be understood, and all of them as one stream.
fn frames() -> Inputs {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/vectors");
    let entries = std::fs::read_dir(folder)
        .expect("the golden frames")
        .flatten();
    let mut frames: Inputs = entries
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "bin"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("a golden frame"))
        })
        .filter(|(name, _)| !name.starts_with("bad-"))
        .collect();
    frames.sort();
    let all = frames.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    frames.push(("all".into(), all));
    frames
}
