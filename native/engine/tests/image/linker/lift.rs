//! Which sections go into the image.
use super::references::{by_slot, kind_of, references, Reference};
use super::{Build, Slot};
use hotpatch_engine::link::elf::{BlockKind, BlockSpec, Import};
use object::elf::R_X86_64_64;
use object::read::elf::SectionHeader;
use object::{LittleEndian as LE, SectionIndex};

impl Build<'_, '_> {
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

    pub fn lift(&mut self, object: usize, section: SectionIndex) -> usize {
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
    pub fn follow(&mut self) {
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

    pub fn slot(&mut self, slot: Slot) -> usize {
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

    pub fn import(&mut self, name: &str) -> usize {
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
    pub fn target(&mut self, object: usize, reference: &Reference<'_>) -> Slot {
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
}
