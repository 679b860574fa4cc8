//! A program through a whole session: saves that become patches, and patches that are taken back.

use super::memory::{plan, Memory};
use super::program::{ask, names, objects, Program};
use hotpatch_engine::service::call;
use object::{Object, ObjectSection, ObjectSymbol};
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub struct Steps {
    program: Program,
    pub memory: Memory,
    /// Unit -> the object that what runs was made from.
    live: BTreeMap<String, PathBuf>,
    image: Vec<u8>,
    /// Where the versions of a function by patches begin, by its name.
    entries: BTreeMap<String, Vec<i64>>,
    next: u64,
    offset: i64,
    tls: u64,
    saves: usize,
}

/// What a save or an undo came to.
pub struct Outcome {
    pub answer: Value,
    pub image: Vec<u8>,
    /// What the user is told beside.
    #[allow(dead_code)] // not every suite reads them
    pub notes: Vec<String>,
}

impl Outcome {
    #[allow(dead_code)] // not every suite asks
    pub fn names(&self, change: &str) -> Vec<String> {
        names(&self.answer, change)
    }

    #[allow(dead_code)] // not every suite asks
    pub fn has_code(&self) -> bool {
        let file = object::File::parse(&*self.image).expect("an image");
        file.section_by_name(".text").is_some()
    }

    pub fn plan(&self) -> Value {
        plan(&self.image)
    }

    pub fn patches(&self) -> Vec<u64> {
        let patches = self.answer["patches"].as_array().expect("patches");
        patches.iter().filter_map(Value::as_u64).collect()
    }
}

impl Steps {
    pub fn new(name: &str, source: &str) -> Steps {
        Steps::with(name, source, &[])
    }

    pub fn with(name: &str, source: &str, flags: &[&str]) -> Steps {
        let program = Program::with(&format!("history-{name}"), source, flags);
        let image = program.image();
        let base = program.folder.join("base");
        Steps {
            memory: Memory::of(image.clone()),
            live: units(&base),
            image,
            entries: BTreeMap::new(),
            next: 1,
            offset: -(512 << 20),
            tls: 0,
            saves: 0,
            program,
        }
    }

    /// Compiles, patches every process and commits. Panics when it is refused.
    pub fn save(&mut self, source: &str) -> Outcome {
        self.saves += 1;
        self.program.compile(source, "true");
        let new = units(&self.program.keep_units(&format!("save-{}", self.saves)));
        let mut changed = Vec::new();
        for (unit, path) in &new {
            let before = self
                .live
                .get(unit)
                .map(|p| std::fs::read(p).expect("a unit"));
            if before != Some(std::fs::read(path).expect("a unit")) {
                changed.push(json!({ "crate": "app", "unit": unit, "path": path }));
            }
        }
        for unit in self.live.keys().filter(|unit| !new.contains_key(*unit)) {
            changed.push(json!({ "crate": "app", "unit": unit, "path": null }));
        }
        let host = &self.program.host;
        let diff = ask(json!({ "op": "diff", "host": host, "changed": changed }));
        assert_eq!(diff["refused"], json!([]), "{diff}");
        let request = json!({
            "op": "link", "host": host, "plan": diff["plan"], "patch": self.next, "offset": self.offset,
            "libraries": ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libgcc_s.so.1"],
            "tls": { "tpOffset": -70_000, "size": 65_536, "used": self.tls },
        });
        let mut linked = self.deliver(&request, &diff["plan"]);
        let notes = diff["notes"].as_array().expect("notes").iter();
        linked.notes = notes
            .filter_map(|n| n.as_str().map(str::to_string))
            .collect();
        self.tls = linked.answer["tlsUsed"].as_u64().expect("a size");
        for change in changed {
            let unit = change["unit"].as_str().expect("a name").to_string();
            match change["path"].as_str() {
                Some(path) => self.live.insert(unit, path.into()),
                None => self.live.remove(&unit),
            };
        }
        linked
    }

    pub fn undo(&mut self, target: impl Into<Value>) -> Outcome {
        let request = json!({
            "op": "undo", "host": self.program.host, "target": target.into(), "patch": self.next, "offset": self.offset,
        });
        let undone = self.deliver(&request, &Value::Null);
        for unit in undone.answer["units"].as_array().expect("units") {
            let name = unit["unit"].as_str().expect("a name").to_string();
            match unit["path"].as_str() {
                Some(path) => self.live.insert(name, path.into()),
                None => self.live.remove(&name),
            };
        }
        undone
    }

    #[allow(dead_code)] // not every suite asks
    pub fn ask(&self, mut request: Value) -> Value {
        request["host"] = self.program.host.clone();
        ask(request)
    }

    fn deliver(&mut self, request: &Value, plan: &Value) -> Outcome {
        let reply = call(&request.to_string()).expect("a reply");
        let answer: Value = serde_json::from_str(&reply.json).expect("JSON");
        assert_eq!(answer["refused"], json!([]), "{answer}");
        self.memory.apply(&reply.bytes);
        let plan = if plan.is_null() {
            &answer["plan"]
        } else {
            plan
        };
        ask(json!({ "op": "commit", "host": self.program.host, "plan": plan }));
        self.note(&reply.bytes);
        self.next += 1;
        let size = answer["memory"].as_u64().expect("a size");
        self.offset += size.next_multiple_of(1 << 20) as i64;
        Outcome {
            answer,
            image: reply.bytes,
            notes: Vec::new(),
        }
    }

    /// Remembers where each version of a function begins.
    fn note(&mut self, image: &[u8]) {
        let file = object::File::parse(image).expect("an image");
        for symbol in file.symbols() {
            let text = file.section_by_name(".text").map(|s| s.index());
            if text.is_some() && symbol.section_index() == text {
                let name = demangled(symbol.name().expect("a name"));
                let entry = self.offset + symbol.address() as i64;
                self.entries.entry(name).or_default().push(entry);
            }
        }
    }

    #[allow(dead_code)] // not every suite has copies
    /// The images (0: the program, n: the nth that was sent) whose code the entries of a function lead to.
    pub fn images(&self, name: &str) -> BTreeSet<usize> {
        self.ends(name)
            .into_iter()
            .map(|(_, image)| image)
            .collect()
    }

    /// The image whose code all entries of a function lead to.
    #[allow(dead_code)] // not every suite asks
    pub fn runs(&self, name: &str) -> usize {
        let ends = self.ends(name);
        assert_eq!(
            ends.len(),
            1,
            "all entries of {name} lead to one: {ends:x?}"
        );
        ends.into_iter().map(|(_, image)| image).sum()
    }

    fn ends(&self, name: &str) -> BTreeSet<(i64, usize)> {
        let program = object::File::parse(&*self.image).expect("an image");
        let symbols = program.symbols();
        let original = symbols
            .filter(|s| s.name().is_ok_and(|n| demangled(n) == name))
            .map(|s| s.address() as i64);
        let versions = self.entries.get(name).into_iter().flatten().copied();
        let entries = original.chain(versions);
        entries.map(|e| self.memory.lead(e)).collect()
    }
}

fn demangled(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

fn units(folder: &std::path::Path) -> BTreeMap<String, PathBuf> {
    objects(folder)
        .into_iter()
        .map(|path| {
            let stem = path.file_stem().expect("a unit's name");
            (stem.to_string_lossy().into_owned(), path)
        })
        .collect()
}
