//! What the dynamic linker reads: `.note`, `.hash`, `.dynsym`, `.dynstr`, `.rela.dyn`, `.dynamic`.
use super::layout::Layout;
use super::parts::Part;
use super::{DynamicKind, DynamicRelocation, Error, ImageSpec};
use object::elf::{
    self, Dyn64, DynamicTag, Rela64, RelocationType, Sym64, SymbolInfo, SymbolOther, DF_BIND_NOW,
    DF_STATIC_TLS, DT_FLAGS, DT_HASH, DT_NULL, DT_RELA, DT_RELACOUNT, DT_RELAENT, DT_RELASZ,
    DT_STRSZ, DT_STRTAB, DT_SYMENT, DT_SYMTAB, NT_GNU_BUILD_ID, R_X86_64_64, R_X86_64_GLOB_DAT,
    R_X86_64_RELATIVE, R_X86_64_TPOFF64, STB_GLOBAL, STB_WEAK, STT_NOTYPE,
};
use object::pod::bytes_of;
use object::LittleEndian;

/// Owner of the note, with its terminator: 4 bytes, so nothing pads it.
const NOTE_OWNER: &[u8; 4] = b"GNU\0";

pub(super) fn note_size(descriptor: &[u8]) -> u64 {
    if descriptor.is_empty() {
        return 0;
    }
    12 + NOTE_OWNER.len() as u64 + (descriptor.len() as u64).next_multiple_of(4)
}

/// gABI "Note Section": what identifies an image to debuggers and profilers.
pub(super) fn note(descriptor: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [
        NOTE_OWNER.len() as u32,
        descriptor.len() as u32,
        NT_GNU_BUILD_ID.0,
    ] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.extend_from_slice(NOTE_OWNER);
    bytes.extend_from_slice(descriptor);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Number of buckets: the imports of a patch are few, so a chain of about two is short enough.
fn buckets(spec: &ImageSpec) -> u32 {
    (spec.imports.len() as u32 / 2).max(1) | 1
}

pub(super) fn hash_size(spec: &ImageSpec) -> u64 {
    4 * (2 + u64::from(buckets(spec)) + 1 + spec.imports.len() as u64)
}

/// gABI "Hash Table": bucket heads, then for each symbol the next one of its bucket.
pub(super) fn hash(spec: &ImageSpec) -> Vec<u8> {
    let (bucket_count, symbols) = (buckets(spec), spec.imports.len() as u32 + 1);
    let mut heads = vec![0u32; bucket_count as usize];
    let mut chains = vec![0u32; symbols as usize];
    for ((symbol, import), chain) in (1..).zip(&spec.imports).zip(chains.iter_mut().skip(1)) {
        let bucket = elf::hash(import.name.as_bytes()) % bucket_count;
        *chain = std::mem::replace(&mut heads[bucket as usize], symbol);
    }
    let words = [bucket_count, symbols]
        .into_iter()
        .chain(heads)
        .chain(chains);
    words.flat_map(u32::to_le_bytes).collect()
}

pub(super) fn symbols_size(spec: &ImageSpec) -> u64 {
    24 * (1 + spec.imports.len() as u64)
}

pub(super) fn strings_size(spec: &ImageSpec) -> u64 {
    1 + spec
        .imports
        .iter()
        .map(|import| import.name.len() as u64 + 1)
        .sum::<u64>()
}

/// `.dynsym` and `.dynstr`: the imports, undefined.
pub(super) fn symbols_and_strings(spec: &ImageSpec) -> (Vec<u8>, Vec<u8>) {
    let mut symbols = vec![0; 24];
    let mut strings = vec![0];
    for import in &spec.imports {
        let binding = if import.weak { STB_WEAK } else { STB_GLOBAL };
        let symbol = Sym64::<LittleEndian> {
            st_name: (strings.len() as u32).into(),
            st_info: SymbolInfo::new(binding, STT_NOTYPE),
            st_other: SymbolOther(0),
            st_shndx: elf::SHN_UNDEF.into(),
            st_value: 0.into(),
            st_size: 0.into(),
        };
        symbols.extend_from_slice(bytes_of(&symbol));
        strings.extend_from_slice(import.name.as_bytes());
        strings.push(0);
    }
    (symbols, strings)
}

fn relocation_type(kind: DynamicKind) -> RelocationType {
    match kind {
        DynamicKind::Relative => R_X86_64_RELATIVE,
        DynamicKind::GlobDat => R_X86_64_GLOB_DAT,
        DynamicKind::Abs64 => R_X86_64_64,
        DynamicKind::TpOff64 => R_X86_64_TPOFF64,
    }
}

/// `.rela.dyn`: RELATIVE entries first, as DT_RELACOUNT promises, each group by place.
pub(super) fn relocations(
    spec: &ImageSpec,
    layout: &Layout,
    relocations: &[DynamicRelocation],
) -> Result<Vec<u8>, Error> {
    let relative = relocations
        .iter()
        .filter(|relocation| relocation.kind == DynamicKind::Relative)
        .count();
    expect("relative relocations", spec.relative_relocations, relative)?;
    expect(
        "other relocations",
        spec.other_relocations,
        relocations.len() - relative,
    )?;

    let mut sorted: Vec<(usize, &DynamicRelocation)> = relocations.iter().enumerate().collect();
    sorted.sort_by_key(|(_, relocation)| {
        (relocation.kind != DynamicKind::Relative, relocation.place)
    });
    let mut bytes = Vec::with_capacity(24 * relocations.len());
    for (index, relocation) in sorted {
        if !layout.is_writable_word(relocation.place) {
            return Err(dangling("dynamic relocation (its place)", index));
        }
        let needs_import = matches!(relocation.kind, DynamicKind::GlobDat | DynamicKind::Abs64);
        let symbol = match relocation.import {
            Some(import) if needs_import && import < spec.imports.len() => import as u32 + 1,
            None if !needs_import => 0,
            _ => return Err(dangling("dynamic relocation (its import)", index)),
        };
        let entry = Rela64::<LittleEndian> {
            r_offset: relocation.place.into(),
            r_info: Rela64::r_info(
                LittleEndian,
                false,
                symbol,
                relocation_type(relocation.kind),
            ),
            r_addend: relocation.addend.into(),
        };
        bytes.extend_from_slice(bytes_of(&entry));
    }
    Ok(bytes)
}

fn dangling(what: &str, index: usize) -> Error {
    Error::Dangling {
        what: what.into(),
        index,
    }
}

pub(super) fn expect(what: &str, announced: usize, given: usize) -> Result<(), Error> {
    if announced == given {
        return Ok(());
    }
    Err(Error::Mismatch {
        what: what.into(),
        announced: announced as u64,
        given: given as u64,
    })
}

pub(super) fn entries_size(spec: &ImageSpec) -> u64 {
    let relocated = spec.relative_relocations + spec.other_relocations > 0;
    16 * (7 + if relocated { 4 } else { 0 })
}

/// `.dynamic`. The image binds at load time: nothing in it could be bound later.
pub(super) fn entries(
    spec: &ImageSpec,
    layout: &Layout,
    relocations: &[DynamicRelocation],
) -> Vec<u8> {
    let place = |part: Part| layout.place(part);
    let mut entries: Vec<(DynamicTag, u64)> = vec![
        (DT_HASH, place(Part::Hash).address),
        (DT_STRTAB, place(Part::DynStr).address),
        (DT_SYMTAB, place(Part::DynSym).address),
        (DT_STRSZ, place(Part::DynStr).size),
        (DT_SYMENT, 24),
    ];
    if layout.has(Part::Rela) {
        entries.extend([
            (DT_RELA, place(Part::Rela).address),
            (DT_RELASZ, place(Part::Rela).size),
            (DT_RELAENT, 24),
            (DT_RELACOUNT, spec.relative_relocations as u64),
        ]);
    }
    let static_tls = relocations
        .iter()
        .any(|relocation| relocation.kind == DynamicKind::TpOff64);
    let flags = if static_tls {
        DF_BIND_NOW | DF_STATIC_TLS
    } else {
        DF_BIND_NOW
    };
    entries.extend([(DT_FLAGS, flags.0), (DT_NULL, 0)]);
    let mut bytes = Vec::with_capacity(16 * entries.len());
    for (tag, value) in entries {
        let entry = Dyn64::<LittleEndian> {
            d_tag: tag.into(),
            d_val: value.into(),
        };
        bytes.extend_from_slice(bytes_of(&entry));
    }
    bytes
}
