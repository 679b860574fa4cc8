//! The image from the lifted sections.
use super::references::{by_slot, references};
use super::{Build, Function, Input, Linked, Slot};
use hotpatch_engine::link::debug::{self, Contribution};
use hotpatch_engine::link::elf::{
    self, BlockKind, Contents, DynamicKind, DynamicRelocation, Layout, SymbolKind, SymbolSpec,
};
use hotpatch_engine::link::unwind::{self, EhFrame, Frame, Placed};
use object::elf::{R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32};
use object::read::elf::SectionHeader;
use object::{LittleEndian as LE, SectionIndex};

impl Build<'_, '_> {
    pub fn finish(
        mut self,
        inputs: &[Input<'_>],
        functions: Vec<(String, usize, u64, u64)>,
    ) -> Linked {
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
