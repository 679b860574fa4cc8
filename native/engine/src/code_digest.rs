//! What a unit means once it is linked, in 128 bits: its allocated sections, where they are relocated, and the symbols
//! in them. Blind to debug information, which under incremental compilation depends on what was compiled before.

use std::path::Path;

use object::read::elf::ElfFile64;
use object::{
    LittleEndian, Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionFlags, SectionIndex,
};

/// # Errors
/// One sentence that names the file, when it cannot be read or is no ELF object.
pub fn code_digest(unit: &Path) -> Result<String, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}.", unit.display());
    let bytes = std::fs::read(unit).map_err(|error| at(&error))?;
    let digest = of_object(&bytes).map_err(|error| at(&error))?;
    Ok(digest.to_hex()[..32].to_owned())
}

fn of_object(bytes: &[u8]) -> object::Result<blake3::Hash> {
    let file = ElfFile64::<LittleEndian>::parse(bytes)?;
    let mut hasher = blake3::Hasher::new();
    let mut put = |field: &[u8]| {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field);
    };
    let allocated = |index: SectionIndex| {
        file.section_by_index(index)
            .is_ok_and(|section| flags_of(section.flags()) & object::elf::SHF_ALLOC.0 != 0)
    };
    for section in file.sections() {
        if !allocated(section.index()) {
            continue;
        }
        put(section.name_bytes()?);
        put(&flags_of(section.flags()).to_le_bytes());
        put(&section.align().to_le_bytes());
        put(&section.size().to_le_bytes());
        put(section.data()?);
        for (offset, relocation) in section.relocations() {
            put(&offset.to_le_bytes());
            put(&relocation.addend().to_le_bytes());
            put(format!("{:?}", relocation.flags()).as_bytes());
            if let RelocationTarget::Symbol(index) = relocation.target() {
                let symbol = file.symbol_by_index(index)?;
                put(symbol.name_bytes()?);
                put(&symbol.address().to_le_bytes());
                // A section's own symbol has no name of its own.
                if let Some(section) = symbol.section_index() {
                    put(file.section_by_index(section)?.name_bytes()?);
                }
            }
        }
    }
    for symbol in file.symbols() {
        let Some(section) = symbol.section_index().filter(|index| allocated(*index)) else {
            continue;
        };
        put(symbol.name_bytes()?);
        put(file.section_by_index(section)?.name_bytes()?);
        put(&symbol.address().to_le_bytes());
        put(&symbol.size().to_le_bytes());
        put(format!("{:?}", symbol.flags()).as_bytes());
    }
    Ok(hasher.finalize())
}

fn flags_of(flags: SectionFlags) -> u64 {
    match flags {
        SectionFlags::Elf { sh_flags, .. } => sh_flags.0,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::write::{Object as Draft, StandardSection, Symbol, SymbolSection};
    use object::{Architecture, BinaryFormat, Endianness, SymbolFlags, SymbolKind, SymbolScope};

    /// One function, and debug information of some text.
    fn unit(code: &[u8], debug: &[u8]) -> Vec<u8> {
        let mut draft = Draft::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        let text = draft.section_id(StandardSection::Text);
        let value = draft.append_section_data(text, code, 16);
        draft.add_symbol(Symbol {
            name: b"app::main".to_vec(),
            value,
            size: code.len() as u64,
            kind: SymbolKind::Text,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(text),
            flags: SymbolFlags::None,
        });
        let info = draft.add_section(
            Vec::new(),
            b".debug_info".to_vec(),
            object::SectionKind::Debug,
        );
        draft.append_section_data(info, debug, 1);
        draft.write().unwrap()
    }

    #[test]
    fn debug_information_is_not_looked_at() {
        let ret = [0xc3];
        let (one, other) = (unit(&ret, b"line 3"), unit(&ret, b"line 14"));
        assert_ne!(one, other);
        assert_eq!(of_object(&one).unwrap(), of_object(&other).unwrap());
    }

    #[test]
    fn code_is() {
        // ret; int3
        let (one, other) = (unit(&[0xc3], b""), unit(&[0xcc], b""));
        assert_ne!(of_object(&one).unwrap(), of_object(&other).unwrap());
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        assert!(of_object(b"no object").is_err());
        assert!(code_digest(Path::new("/nowhere.o"))
            .unwrap_err()
            .starts_with("/nowhere.o: "));
    }
}
