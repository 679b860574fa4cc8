//! A small program in two versions, compiled as the session does it: incremental units, the first version linked.

use hotpatch_engine::service::call;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Program {
    pub folder: PathBuf,
    flags: Vec<String>,
    pub host: Value,
}

impl Program {
    /// Compiles and links `source`. The folder lies under the target directory of the tests and is made anew.
    pub fn new(name: &str, source: &str) -> Program {
        Program::with(name, source, &[])
    }

    pub fn with(name: &str, source: &str, flags: &[&str]) -> Program {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for the program");
        let flags = flags.iter().map(|f| f.to_string()).collect();
        let mut program = Program {
            folder,
            flags,
            host: Value::Null,
        };
        program.compile(source, "cc");
        program.keep_units("base");
        let archives: Vec<PathBuf> = std_archives();
        program.host = ask(json!({
            "op": "open", "image": program.folder.join("app"),
            "crates": [{ "id": "app", "units": program.folder.join("base") }], "archives": archives,
        }))["host"]
            .clone();
        program
    }

    /// What the engine says of the change to `source`.
    pub fn diff(&mut self, source: &str) -> Value {
        self.compile(source, "true");
        let new = self.keep_units("next");
        let base = self.folder.join("base");
        let mut changed = Vec::new();
        for path in objects(&new) {
            let unit = path
                .file_stem()
                .expect("a unit's name")
                .to_string_lossy()
                .into_owned();
            if std::fs::read(&path).ok()
                != std::fs::read(base.join(path.file_name().expect("a name"))).ok()
            {
                changed.push(json!({ "crate": "app", "unit": unit, "path": path }));
            }
        }
        for path in objects(&base) {
            if !new.join(path.file_name().expect("a name")).exists() {
                changed.push(json!({ "crate": "app", "unit": path.file_stem().expect("a name").to_string_lossy(), "path": null }));
            }
        }
        ask(json!({ "op": "diff", "host": self.host, "changed": changed }))
    }

    /// The linked plan: what the engine says, and the image.
    #[allow(dead_code)] // not every suite links
    pub fn link(&self, plan: &Value) -> (Value, Vec<u8>) {
        let request = json!({
            "op": "link", "host": self.host, "plan": plan["plan"], "patch": 1, "offset": -(512 << 20),
            "libraries": ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libgcc_s.so.1"],
            "tls": { "tpOffset": -70_000, "size": 65_536, "used": 0 },
        });
        let reply = call(&request.to_string()).expect("a reply");
        (
            serde_json::from_str(&reply.json).expect("JSON"),
            reply.bytes,
        )
    }

    #[allow(dead_code)] // not every suite looks into the image
    pub fn image(&self) -> Vec<u8> {
        std::fs::read(self.folder.join("app")).expect("the image")
    }

    pub fn compile(&self, source: &str, linker: &str) {
        let file = self.folder.join("app.rs");
        std::fs::write(&file, source).expect("the source");
        let status = Command::new("rustc")
            .args([
                "--edition",
                "2021",
                "-Cdebuginfo=2",
                "-Clink-arg=-Wl,--build-id=sha1",
                "-Awarnings",
            ])
            .args(&self.flags)
            .arg(format!(
                "-Cincremental={}",
                self.folder.join("incremental").display()
            ))
            .arg(format!("-Clinker={linker}"))
            .arg("-Clinker-flavor=gcc")
            .arg("-o")
            .arg(self.folder.join("app"))
            .arg(&file)
            .status()
            .expect("rustc");
        assert!(status.success(), "the program compiles");
    }

    /// Copies the units of the newest incremental session.
    pub fn keep_units(&self, name: &str) -> PathBuf {
        let kept = self.folder.join(name);
        let _ = std::fs::remove_dir_all(&kept);
        std::fs::create_dir_all(&kept).expect("a folder for the units");
        let crate_folder = entries(&self.folder.join("incremental"))
            .pop()
            .expect("incremental state");
        let sessions = entries(&crate_folder).into_iter().filter(|p| p.is_dir());
        let newest = sessions
            .max_by_key(|p| p.metadata().and_then(|m| m.modified()).expect("a time"))
            .expect("a session");
        for unit in objects(&newest) {
            std::fs::copy(&unit, kept.join(unit.file_name().expect("a name"))).expect("a copy");
        }
        kept
    }
}

pub fn ask(request: Value) -> Value {
    let reply = call(&request.to_string()).unwrap_or_else(|e| panic!("{e}"));
    serde_json::from_str(&reply.json).expect("JSON")
}

/// Names with a given change, as the user reads them.
pub fn names(answer: &Value, change: &str) -> Vec<String> {
    let functions = answer["functions"].as_array().expect("functions");
    functions
        .iter()
        .filter(|f| f["change"] == change)
        .map(|f| f["name"].as_str().expect("a name").to_string())
        .collect()
}

pub fn codes(answer: &Value) -> Vec<String> {
    let reasons = answer["refused"].as_array().expect("reasons");
    let mut codes: Vec<String> = reasons
        .iter()
        .map(|r| r["code"].as_str().expect("a code").to_string())
        .collect();
    codes.dedup();
    codes
}

#[allow(dead_code)] // not every suite reads one
pub fn message(answer: &Value, code: &str) -> String {
    let reasons = answer["refused"].as_array().expect("reasons");
    let found = reasons
        .iter()
        .find(|r| r["code"] == code)
        .unwrap_or_else(|| panic!("no {code} in {answer}"));
    found["message"].as_str().expect("a message").to_string()
}

/// What is said of types that are laid out otherwise, should the process have old values of them.
#[allow(dead_code)] // not every suite changes types
pub fn layouts(answer: &Value) -> Vec<String> {
    assert_eq!(codes(answer), [""; 0], "{answer}");
    let reasons = answer["layouts"].as_array().expect("reasons");
    let texts = reasons.iter().map(|reason| {
        assert_eq!(reason["code"], "type-layout");
        reason["message"].as_str().expect("a message").to_owned()
    });
    texts.collect()
}

fn std_archives() -> Vec<PathBuf> {
    let out = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .output()
        .expect("rustc");
    let folder = PathBuf::from(String::from_utf8(out.stdout).expect("a path").trim());
    entries(&folder)
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rlib"))
        .collect()
}

pub fn objects(folder: &Path) -> Vec<PathBuf> {
    entries(folder)
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "o"))
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry").path())
        .collect();
    all.sort();
    all
}
