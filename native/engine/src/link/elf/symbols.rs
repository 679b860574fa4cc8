//! `.symtab` and `.strtab`: the names by which debuggers and backtraces know the image's functions and data.
use super::layout::Layout;
use super::parts::Part;
use super::{Error, ImageSpec, SymbolKind};
use object::elf::{
    Sym64, SymbolInfo, SymbolOther, SymbolSection, STB_LOCAL, STT_FUNC, STT_OBJECT, STT_TLS,
};
use object::pod::bytes_of;
use object::LittleEndian;

/// Both tables. `section` gives a part's index in the section header table.
pub(super) fn tables(
    spec: &ImageSpec,
    layout: &Layout,
    section: impl Fn(Part) -> u16,
) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut symbols = Vec::with_capacity(24 * (spec.symbols.len() + 1));
    let mut strings = vec![0];
    symbols.resize(24, 0);
    for (index, symbol) in spec.symbols.iter().enumerate() {
        let (Some(block), Some(address)) =
            (spec.blocks.get(symbol.block), layout.block(symbol.block))
        else {
            return Err(Error::Dangling {
                what: "symbol".into(),
                index,
            });
        };
        let end = symbol.offset.checked_add(symbol.size);
        if end.is_none_or(|end| end > block.size) {
            return Err(Error::Dangling {
                what: "symbol (its end)".into(),
                index,
            });
        }
        // gABI "Symbol Values": STT_TLS counts from the start of the TLS block.
        let (kind, base) = match symbol.kind {
            SymbolKind::Function => (STT_FUNC, 0),
            SymbolKind::Object => (STT_OBJECT, 0),
            SymbolKind::Tls => (STT_TLS, layout.tls().map_or(0, |tls| tls.address)),
        };
        let entry = Sym64::<LittleEndian> {
            st_name: (strings.len() as u32).into(),
            st_info: SymbolInfo::new(STB_LOCAL, kind),
            st_other: SymbolOther(0),
            st_shndx: SymbolSection(section(Part::of(block.kind))).into(),
            st_value: address
                .saturating_sub(base)
                .saturating_add(symbol.offset)
                .into(),
            st_size: symbol.size.into(),
        };
        symbols.extend_from_slice(bytes_of(&entry));
        strings.extend_from_slice(symbol.name.as_bytes());
        strings.push(0);
    }
    Ok((symbols, strings))
}
