//! Crates that the image was not linked with, because no code named them.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use object::{Object, ObjectSymbol};
use program::{ask, codes, layouts, names, objects, Program};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};
use std::process::Command;

const EXTRA: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
struct Note { total: u32 }
static TOTAL: AtomicU32 = AtomicU32::new(7);
#[inline(never)]
pub fn add(n: u32) -> u32 { let note = Note { total: n }; TOTAL.fetch_add(note.total, Ordering::SeqCst) }
#[inline(never)]
pub fn get() -> u32 { TOTAL.load(Ordering::SeqCst) }
mod starts {
    #[used]
    #[link_section = ".init_array"]
    static STARTS: extern "C" fn() = starts;
    extern "C" fn starts() {}
}
"#;

/// What `main` prints.
fn app(what: &str) -> String {
    format!("#[inline(never)] fn reply(n: u32) -> u32 {{ {what} }} fn main() {{ println!(\"{{}}\", reply(std::env::args().count() as u32)); }}")
}

struct Both {
    program: Program,
    library: PathBuf,
    compiles: usize,
    /// Of the crate, as the engine knows them.
    units: PathBuf,
}

impl Both {
    fn new(name: &str) -> Both {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-library"));
        let _ = std::fs::remove_dir_all(&library);
        std::fs::create_dir_all(&library).expect("a folder for the library");
        let mut both = Both {
            program: Program::with(name, &app("n"), &[]),
            units: PathBuf::new(),
            library,
            compiles: 0,
        };
        both.units = both.compile(EXTRA);
        let rlib = both.library.join("libextra.rlib");
        both.program = Program::with(
            name,
            &app("n"),
            &["--extern", &format!("extra={}", rlib.display())],
        );
        let open = json!({
            "op": "open", "image": both.program.folder.join("app"), "archives": std_archives(),
            "crates": [
                { "id": "app", "units": both.program.folder.join("base") },
                { "id": "extra", "units": both.units, "unlinked": true },
            ],
        });
        both.program.host = ask(open)["host"].clone();
        both
    }

    /// The folder of its units.
    fn compile(&mut self, source: &str) -> PathBuf {
        self.compiles += 1;
        let file = self.library.join("extra.rs");
        std::fs::write(&file, source).expect("the source");
        let incremental = self.library.join("incremental");
        let made = Command::new("rustc")
            .args([
                "--edition=2021",
                "--crate-type=lib",
                "-Cdebuginfo=2",
                "-Awarnings",
            ])
            .arg(format!("-Cincremental={}", incremental.display()))
            .arg("-o")
            .arg(self.library.join("libextra.rlib"))
            .arg(&file)
            .status();
        assert!(made.expect("rustc").success(), "the library compiles");
        let kept = self.library.join(format!("units-{}", self.compiles));
        std::fs::create_dir_all(&kept).expect("a folder for the units");
        let newest = newest(&newest(&incremental));
        for unit in objects(&newest) {
            std::fs::copy(&unit, kept.join(unit.file_name().expect("a name"))).expect("a copy");
        }
        kept
    }

    /// The diff of an edit of the library alone, under which the program is compiled to the same units.
    fn edit(&mut self, source: &str) -> Value {
        let new = self.compile(source);
        let units = objects(&new);
        let changed: Vec<Value> = units
            .iter()
            .map(|path| json!({ "crate": "extra", "unit": path.file_stem().expect("a name").to_string_lossy(), "path": path }))
            .collect();
        ask(json!({ "op": "diff", "host": self.program.host, "changed": changed }))
    }

    /// Patches the program; what the linker says, and the names in the image.
    fn name_it(&mut self, what: &str) -> (Value, Vec<String>) {
        let plan = self.program.diff(&app(what));
        assert_eq!(codes(&plan), [""; 0], "{plan}");
        let (answer, image) = self.program.link(&plan);
        assert_eq!(codes(&answer), [""; 0], "{answer}");
        self.commit(&plan);
        let file = object::File::parse(&*image).expect("an image");
        let symbols = file.symbols().filter(|s| s.is_definition());
        let named = symbols.map(|s| demangled(s.name().expect("a name")));
        (answer, named.collect())
    }

    fn commit(&self, plan: &Value) {
        ask(json!({ "op": "commit", "host": self.program.host, "plan": plan["plan"] }));
    }
}

fn demangled(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

fn newest(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let folders = entries
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.is_dir());
    let changed = |p: &PathBuf| p.metadata().and_then(|m| m.modified()).expect("a time");
    folders.max_by_key(changed).expect("a folder in it")
}

fn std_archives() -> Vec<PathBuf> {
    let printed = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .output();
    let folder = String::from_utf8(printed.expect("rustc").stdout).expect("a path");
    let entries = std::fs::read_dir(folder.trim()).expect("a folder");
    let files = entries.map(|e| e.expect("an entry").path());
    files
        .filter(|p| p.extension().is_some_and(|e| e == "rlib"))
        .collect()
}

const GROWN: (&str, &str) = (
    "struct Note { total: u32 }",
    "struct Note { total: u32, of: u64 }",
);

fn grown() -> String {
    EXTRA
        .replace(GROWN.0, GROWN.1)
        .replace("{ total: n }", "{ total: n, of: 1 }")
}

#[test]
fn an_edit_of_one_changes_nothing_that_runs_whatever_it_is() {
    let mut both = Both::new("unlinked-edit");
    let plan = both.edit(&grown());
    assert_eq!((codes(&plan), names(&plan, "changed")), (vec![], vec![]));
    assert_eq!(plan["notes"], json!([]));
    both.commit(&plan);
    // What comes along is what it is by then.
    let (answer, _) = both.name_it("extra::add(n)");
    assert!(
        names(&answer, "new").contains(&"extra::add".to_string()),
        "{answer}"
    );
    let refused = both.edit(EXTRA);
    assert!(layouts(&refused)[0].contains("`extra::Note`"), "{refused}");
}

#[test]
fn what_a_patch_brought_of_one_is_bound_and_no_second_one_comes() {
    let mut both = Both::new("unlinked-twice");
    let (answer, brought) = both.name_it("extra::add(n)");
    assert_eq!(names(&answer, "changed"), ["app::reply"]);
    assert!(brought.contains(&"extra::TOTAL".to_string()), "{brought:?}");
    let (answer, brought) = both.name_it("extra::add(n) + extra::get()");
    assert!(
        names(&answer, "new").contains(&"extra::get".to_string()),
        "{answer}"
    );
    for name in ["extra::TOTAL", "extra::add"] {
        assert!(!brought.contains(&name.to_string()), "{name}: {brought:?}");
    }
}

#[test]
fn what_one_registers_is_told_once_with_the_first_patch_that_has_something_of_it() {
    let mut both = Both::new("unlinked-registration");
    let (answer, _) = both.name_it("extra::add(n)");
    let notes = answer["notes"].to_string();
    assert!(notes.contains("`extra::starts::STARTS` ("), "{notes}");
    assert!(
        notes.contains("is to run at start-up (section `.init_array`)"),
        "{notes}"
    );
    let (answer, _) = both.name_it("extra::add(n) + extra::get()");
    assert_eq!(answer["notes"], json!([]));
}

#[test]
fn one_is_like_any_other_from_its_first_patch_on() {
    let mut both = Both::new("unlinked-later");
    both.name_it("extra::add(n)");
    let plan = both.edit(&EXTRA.replace(
        "TOTAL.fetch_add(note.total,",
        "TOTAL.fetch_add(note.total + 1,",
    ));
    assert_eq!(codes(&plan), [""; 0], "{plan}");
    assert_eq!(names(&plan, "changed"), ["extra::add"]);
}
