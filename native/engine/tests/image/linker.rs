//! As much of a linker as the tests need: lifts functions, and what they refer to, out of objects into an image.
//!
//! A reference to a function that is not lifted is left as it is; such code is looked at, not run.
use hotpatch_engine::format::Elf;
use hotpatch_engine::link::debug::{self, Contribution};
use hotpatch_engine::link::elf::{
    self, BlockKind, BlockSpec, Contents, DynamicKind, DynamicRelocation, ImageSpec, Import,
    Layout, SymbolKind, SymbolSpec,
};
use hotpatch_engine::link::unwind::{self, EhFrame, Frame, Frames, Placed};
use object::elf::{
    RelocationType, R_X86_64_64, R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_GOTTPOFF,
    R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_REX_GOTPCRELX, STT_FUNC, STT_TLS,
};
use object::read::elf::{SectionHeader, Sym};
use object::{LittleEndian as LE, SectionIndex, SymbolIndex};
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
    pub text: u64,
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

impl<'data> Build<'_, 'data> {
    fn add(
        &mut self,
        name: &str,
        kind: BlockKind,
        size: u64,
        align: u64,
        origin: Option<(usize, SectionIndex)>,
    ) -> usize {
        self.spec.blocks.push(BlockSpec {
            name: name.into(),
            kind,
            size,
            align,
        });
        self.origins.push(origin);
        self.origins.len() - 1
    }

    fn lift(&mut self, object: usize, section: SectionIndex) -> usize {
        if let Some(block) = self.blocks.get(&(object, section)) {
            return *block;
        }
        let table = self.elfs[object].elf_section_table();
        let header = table.section(section).unwrap();
        let name = std::str::from_utf8(table.section_name(LE, header).unwrap()).unwrap();
        let kind = kind_of(name);
        let block = self.add(
            name,
            kind,
            header.sh_size(LE),
            header.sh_addralign(LE),
            Some((object, section)),
        );
        self.blocks.insert((object, section), block);
        self.queue.push((object, section));
        block
    }

    /// Brings along what lifted sections refer to, once all functions that are asked for have their blocks.
    fn follow(&mut self) {
        while let Some((object, section)) = self.queue.pop() {
            self.follow_references(object, section);
        }
    }

    fn follow_references(&mut self, object: usize, section: SectionIndex) {
        for frame in self.frames[object].of(section) {
            self.spec.frames += 1;
            if let Some(name) = frame.personality() {
                self.slot(Slot::Import(name.into()));
            }
            if let Some(lsda) = frame.lsda {
                self.lift(object, lsda.section);
            }
        }
        for reference in references(&self.elfs[object], section) {
            let target = self.target(object, &reference);
            match reference.kind {
                kind if by_slot(kind) => {
                    self.slot(target);
                }
                R_X86_64_64 => match target {
                    Slot::Block(..) => self.spec.relative_relocations += 1,
                    Slot::Import(name) => {
                        self.import(&name);
                        self.spec.other_relocations += 1;
                    }
                    Slot::Tls(..) => {}
                },
                _ => {}
            }
        }
    }

    fn slot(&mut self, slot: Slot) -> usize {
        if let Some(block) = self.slots.get(&slot) {
            return *block;
        }
        match &slot {
            Slot::Block(..) => self.spec.relative_relocations += 1,
            Slot::Import(name) => {
                self.import(name);
                self.spec.other_relocations += 1;
            }
            Slot::Tls(..) => self.spec.other_relocations += 1,
        }
        let block = self.add(".got", BlockKind::Got, 8, 8, None);
        self.slots.insert(slot, block);
        block
    }

    fn import(&mut self, name: &str) -> usize {
        let known = self
            .spec
            .imports
            .iter()
            .position(|import| import.name == name);
        known.unwrap_or_else(|| {
            // Weak, so that an image opens also when the host has not what its unused code would call.
            self.spec.imports.push(Import {
                name: name.into(),
                weak: true,
            });
            self.spec.imports.len() - 1
        })
    }

    /// Functions stay out unless they are asked for; data come along.
    fn target(&mut self, object: usize, reference: &Reference<'_>) -> Slot {
        let Some((section, value)) = reference.place else {
            return Slot::Import(reference.name.into());
        };
        if reference.code && !self.blocks.contains_key(&(object, section)) {
            return Slot::Import(reference.name.into());
        }
        let block = self.lift(object, section);
        if reference.tls {
            Slot::Tls(block, value)
        } else {
            Slot::Block(block, value)
        }
    }

    fn finish(mut self, inputs: &[Input<'_>], functions: Vec<(String, usize, u64, u64)>) -> Linked {
        for (name, block, offset, size) in &functions {
            self.spec.symbols.push(SymbolSpec {
                name: name.clone(),
                block: *block,
                offset: *offset,
                size: *size,
                kind: SymbolKind::Function,
            });
        }
        self.spec.build_id = vec![0xab; 20];
        let mut lifted: Vec<(&Frame<'_>, usize, usize)> = Vec::new();
        for (block, origin) in self.origins.iter().enumerate() {
            if let Some((object, section)) = origin {
                lifted.extend(
                    self.frames[*object]
                        .of(*section)
                        .iter()
                        .map(|frame| (frame, *object, block)),
                );
            }
        }
        self.spec.eh_frame_size = unwind::size(lifted.iter().map(|(frame, ..)| *frame));
        let floors = self.elfs.iter().enumerate().map(|(object, elf)| {
            debug::reach(elf, |section| self.blocks.contains_key(&(object, section)))
        });
        self.spec.text_floor = floors.max().unwrap_or(0);

        let layout = Layout::new(&self.spec).unwrap();
        let placed: Vec<Placed<'_, '_>> = lifted
            .iter()
            .map(|(frame, object, block)| Placed {
                frame,
                address: layout.block(*block).unwrap() + frame.offset,
                lsda: frame.lsda.map(|lsda| {
                    layout.block(self.blocks[&(*object, lsda.section)]).unwrap() + lsda.offset
                }),
            })
            .collect();
        let slot = |name: &str| {
            self.slots
                .get(&Slot::Import(name.into()))
                .and_then(|block| layout.block(*block))
        };
        let eh_frame = unwind::emit(&placed, layout.eh_frame(), slot).unwrap();
        assert_eq!(
            eh_frame.bytes.len() as u64,
            self.spec.eh_frame_size,
            "unwind::size foretells emit"
        );
        self.write(inputs, functions, &layout, &eh_frame)
    }

    fn write(
        mut self,
        inputs: &[Input<'_>],
        functions: Vec<(String, usize, u64, u64)>,
        layout: &Layout,
        eh_frame: &EhFrame,
    ) -> Linked {
        let mut relocations = Vec::new();
        let mut bytes: Vec<Vec<u8>> = Vec::new();
        for block in 0..self.origins.len() {
            bytes.push(self.relocate(block, layout, &mut relocations));
        }
        for (slot, block) in self.slots.clone() {
            relocations.push(self.dynamic(
                &slot,
                layout.block(block).unwrap(),
                0,
                layout,
                DynamicKind::GlobDat,
            ));
        }
        let address = |object: usize| {
            let (blocks, layout) = (self.blocks.clone(), layout.clone());
            move |section: SectionIndex| {
                let address = layout.block(*blocks.get(&(object, section))?)?;
                match layout.tls() {
                    Some(tls) if (tls.address..tls.address + tls.mem_size).contains(&address) => {
                        Some(address - tls.address)
                    }
                    _ => Some(address),
                }
            }
        };
        let addresses: Vec<_> = (0..self.elfs.len()).map(address).collect();
        let contributions: Vec<Contribution<'_, '_>> =
            (self.elfs.iter().zip(inputs).zip(&addresses))
                .map(|((elf, input), address)| Contribution {
                    elf,
                    name: input.name,
                    address,
                })
                .collect();
        let debug = debug::collect(&contributions).unwrap();
        let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        let contents = Contents {
            blocks: &slices,
            relocations: &relocations,
            eh_frame: &eh_frame.bytes,
            frames: &eh_frame.rows,
            debug: &debug,
            plan: br#"{"format":1}"#,
        };
        let image = elf::write(&self.spec, layout, &contents).unwrap();
        let functions = functions
            .into_iter()
            .map(|(name, block, offset, size)| Function {
                name,
                address: layout.block(block).unwrap() + offset,
                size,
            });
        Linked {
            bytes: image,
            functions: functions.collect(),
            text: self.spec.text_floor,
        }
    }

    fn dynamic(
        &mut self,
        slot: &Slot,
        place: u64,
        addend: i64,
        layout: &Layout,
        by_name: DynamicKind,
    ) -> DynamicRelocation {
        let (kind, import, addend) = match slot {
            Slot::Import(name) => (by_name, Some(self.import(name)), addend),
            Slot::Block(block, value) => (
                DynamicKind::Relative,
                None,
                (layout.block(*block).unwrap() + value) as i64 + addend,
            ),
            Slot::Tls(block, value) => {
                let offset = layout.block(*block).unwrap() - layout.tls().unwrap().address;
                (DynamicKind::TpOff64, None, (offset + value) as i64 + addend)
            }
        };
        DynamicRelocation {
            place,
            kind,
            import,
            addend,
        }
    }

    /// `R_X86_64_PC32`, `PLT32`: `S + A - P`; by a slot: `G + GOT + A - P`; `64`: left to a dynamic relocation.
    fn relocate(
        &mut self,
        block: usize,
        layout: &Layout,
        dynamic: &mut Vec<DynamicRelocation>,
    ) -> Vec<u8> {
        let Some((object, section)) = self.origins[block] else {
            return vec![0; 8];
        };
        let header = self.elfs[object]
            .elf_section_table()
            .section(section)
            .unwrap();
        if matches!(
            self.spec.blocks[block].kind,
            BlockKind::Bss | BlockKind::TlsBss
        ) {
            return Vec::new();
        }
        let mut bytes = header.data(LE, self.elfs[object].data()).unwrap().to_vec();
        let base = layout.block(block).unwrap();
        for reference in references(&self.elfs[object], section) {
            let place = base + reference.offset;
            let target = self.target(object, &reference);
            let value = match reference.kind {
                R_X86_64_PC32 | R_X86_64_PLT32 => match target {
                    Slot::Block(block, value) => layout.block(block).unwrap() + value,
                    _ => continue,
                },
                kind if by_slot(kind) => {
                    let Some(slot) = self.slots.get(&target) else {
                        continue;
                    };
                    layout.block(*slot).unwrap()
                }
                R_X86_64_64 => {
                    dynamic.push(self.dynamic(
                        &target,
                        place,
                        reference.addend,
                        layout,
                        DynamicKind::Abs64,
                    ));
                    continue;
                }
                _ => continue,
            };
            let field = value
                .wrapping_add_signed(reference.addend)
                .wrapping_sub(place) as i64;
            let field = i32::try_from(field).unwrap().to_le_bytes();
            bytes[reference.offset as usize..][..4].copy_from_slice(&field);
        }
        bytes
    }
}

/// `G + GOT + A - P`: the kinds whose field is the displacement to a slot.
fn by_slot(kind: RelocationType) -> bool {
    [
        R_X86_64_GOTPCREL,
        R_X86_64_GOTPCRELX,
        R_X86_64_REX_GOTPCRELX,
        R_X86_64_GOTTPOFF,
    ]
    .contains(&kind)
}

fn kind_of(section: &str) -> BlockKind {
    let kinds = [
        (".text", BlockKind::Text),
        (".gcc_except_table", BlockKind::ExceptTable),
        (".rodata", BlockKind::ReadOnly),
        (".data.rel.ro", BlockKind::Relro),
        (".data", BlockKind::Data),
        (".bss", BlockKind::Bss),
        (".tdata", BlockKind::TlsData),
        (".tbss", BlockKind::TlsBss),
    ];
    let found = kinds.iter().find(|(prefix, _)| section.starts_with(prefix));
    found.unwrap_or_else(|| panic!("no block for {section}")).1
}

struct Reference<'data> {
    offset: u64,
    kind: RelocationType,
    addend: i64,
    name: &'data str,
    place: Option<(SectionIndex, u64)>,
    code: bool,
    tls: bool,
}

fn references<'data>(elf: &Elf<'data>, section: SectionIndex) -> Vec<Reference<'data>> {
    let table = elf.elf_section_table();
    let symbols = elf.elf_symbol_table();
    let mut all = Vec::new();
    for header in table
        .iter()
        .filter(|header| header.sh_info(LE) as usize == section.0)
    {
        for entry in header
            .rela(LE, elf.data())
            .unwrap()
            .map_or(&[][..], |(entries, _)| entries)
        {
            let index = SymbolIndex(entry.r_sym(LE, false) as usize);
            let symbol = symbols.symbol(index).unwrap();
            let place = symbols.symbol_section(LE, symbol, index).unwrap();
            let target = place.map(|place| table.section(place).unwrap());
            all.push(Reference {
                offset: entry.r_offset.get(LE),
                kind: entry.r_type(LE, false),
                addend: entry.r_addend.get(LE),
                name: std::str::from_utf8(symbols.symbol_name(LE, symbol).unwrap()).unwrap(),
                place: place.map(|place| (place, symbol.st_value(LE))),
                code: target
                    .is_some_and(|target| target.sh_flags(LE).contains(object::elf::SHF_EXECINSTR)),
                tls: symbol.st_type() == STT_TLS
                    || target.is_some_and(|t| t.sh_flags(LE).contains(object::elf::SHF_TLS)),
            });
        }
    }
    all
}
