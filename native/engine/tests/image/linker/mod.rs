//! As much of a linker as the tests need: lifts functions, and what they refer to, out of objects into an image.
//!
//! A reference to a function that is not lifted is left as it is; such code is looked at, not run.
mod emit;
mod lift;
mod references;

use hotpatch_engine::format::Elf;
use hotpatch_engine::link::elf::ImageSpec;
use hotpatch_engine::link::unwind::Frames;
use object::elf::STT_FUNC;
use object::read::elf::Sym;
use object::{LittleEndian as LE, SectionIndex};
use std::collections::HashMap;

/// An object and the functions to lift from it.
pub struct Input<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub keep: &'a dyn Fn(&str) -> bool,
}

/// A lifted function.
#[derive(Debug, Clone)]
pub struct Function {
    pub name: String,
    pub address: u64,
    pub size: u64,
}

pub struct Linked {
    pub bytes: Vec<u8>,
    pub functions: Vec<Function>,
}

impl Linked {
    pub fn address(&self, part: &str) -> u64 {
        let found = self
            .functions
            .iter()
            .find(|function| function.name.contains(part));
        found
            .unwrap_or_else(|| panic!("{part} was not lifted"))
            .address
    }
}

/// A reference of a lifted section to something that a GOT slot must hold.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Slot {
    Import(String),
    Block(usize, u64),
    Tls(usize, u64),
}

pub fn link(inputs: &[Input<'_>]) -> Linked {
    let elfs: Vec<Elf<'_>> = inputs
        .iter()
        .map(|input| Elf::parse(input.bytes).unwrap())
        .collect();
    let frames: Vec<Frames<'_>> = elfs.iter().map(|elf| Frames::read(elf).unwrap()).collect();
    let mut build = Build {
        elfs: &elfs,
        frames: &frames,
        spec: ImageSpec::default(),
        blocks: HashMap::new(),
        origins: Vec::new(),
        slots: HashMap::new(),
        queue: Vec::new(),
    };
    let mut functions = Vec::new();
    for (object, input) in inputs.iter().enumerate() {
        let symbols = elfs[object].elf_symbol_table();
        for (index, symbol) in symbols.enumerate() {
            let name = std::str::from_utf8(symbols.symbol_name(LE, symbol).unwrap()).unwrap();
            if symbol.st_type() != STT_FUNC || !(input.keep)(name) {
                continue;
            }
            let Some(section) = symbols.symbol_section(LE, symbol, index).unwrap() else {
                continue;
            };
            let block = build.lift(object, section);
            functions.push((
                name.to_string(),
                block,
                symbol.st_value(LE),
                symbol.st_size(LE),
            ));
        }
    }
    build.follow();
    build.finish(inputs, functions)
}

struct Build<'a, 'data> {
    elfs: &'a [Elf<'data>],
    frames: &'a [Frames<'data>],
    spec: ImageSpec,
    /// Block of a lifted section.
    blocks: HashMap<(usize, SectionIndex), usize>,
    /// The other way round; GOT slots have none.
    origins: Vec<Option<(usize, SectionIndex)>>,
    slots: HashMap<Slot, usize>,
    /// Lifted sections whose references are still to be followed.
    queue: Vec<(usize, SectionIndex)>,
}
