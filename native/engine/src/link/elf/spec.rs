//! What the caller says about an image: sizes before the layout, contents after it.

/// Which section a block goes to, and with that its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// `.text` (RX). Aligned to 16 at least, as compilers align functions.
    Text,
    /// `.rodata` (R). Nothing in it may need a dynamic relocation.
    ReadOnly,
    /// `.gcc_except_table` (R). One LSDA.
    ExceptTable,
    /// `.data.rel.ro` (RW). Constants that hold addresses.
    Relro,
    /// `.got` (RW). Address slots of 8 bytes: imports, personality routines.
    Got,
    /// `.data` (RW).
    Data,
    /// `.bss` (RW). No bytes in the file.
    Bss,
    /// `.tdata`: initial contents of new thread-locals.
    TlsData,
    /// `.tbss`: new thread-locals that start as zero. No bytes in the file.
    TlsBss,
}

/// A run of bytes that keeps together: a function, a datum, an LSDA, a GOT slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockSpec {
    /// For messages only.
    pub name: String,
    pub kind: BlockKind,
    /// Bytes.
    pub size: u64,
    /// Bytes, a power of two up to 4096. 0 means 1.
    pub align: u64,
}

/// A symbol that the loader looks up by `dlsym(RTLD_DEFAULT, name)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub name: String,
    /// Not found is address 0 when weak, a refusal otherwise.
    pub weak: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    Function,
    Object,
    Tls,
}

/// An entry of `.symtab`, for debuggers and backtraces. All are local: nothing binds to a patch by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolSpec {
    pub name: String,
    /// Index into `ImageSpec::blocks`.
    pub block: usize,
    /// Bytes from the block's start.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    pub kind: SymbolKind,
}

/// Everything that determines addresses. Blocks keep their order within their section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageSpec {
    pub blocks: Vec<BlockSpec>,
    pub imports: Vec<Import>,
    /// Exact number of `R_X86_64_RELATIVE` entries.
    pub relative_relocations: usize,
    /// Exact number of all other dynamic relocations.
    pub other_relocations: usize,
    /// `unwind::size` of the frames, with the terminator. 0 for no `.eh_frame`.
    pub eh_frame_size: u64,
    /// Number of FDEs in it, each with one row in `.eh_frame_hdr`.
    pub frames: usize,
    /// `.text` starts at this address or later. Debug readers see functions that are not in the image at address 0
    /// (see `debug::reach`), so code that is in it must lie above the largest of those.
    pub text_floor: u64,
    pub symbols: Vec<SymbolSpec>,
    /// The image's build id (`.note.gnu.build-id`): debuggers take images with one id for one image, so each patch needs
    /// its own. Empty for none.
    pub build_id: Vec<u8>,
}

/// The kinds that the loader knows, psABI table 4.9. P is the place, B the image's load bias, S the import's
/// address, A the addend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DynamicKind {
    /// `R_X86_64_RELATIVE`, word64: `B + A`.
    Relative,
    /// `R_X86_64_GLOB_DAT`, word64: `S`.
    GlobDat,
    /// `R_X86_64_64`, word64: `S + A`.
    Abs64,
    /// `R_X86_64_TPOFF64`, word64: `A` is an offset in this image's TLS block, to which the loader adds the block's
    /// offset from the thread pointer.
    TpOff64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DynamicRelocation {
    /// Address in the image, in a writable block.
    pub place: u64,
    pub kind: DynamicKind,
    /// Index into `ImageSpec::imports`; none for `Relative` and `TpOff64`.
    pub import: Option<usize>,
    pub addend: i64,
}

/// A section that is not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSection {
    pub name: String,
    pub data: Vec<u8>,
    pub align: u64,
    /// Whether it holds nothing but C strings, as `.debug_str` does.
    pub strings: bool,
    /// Offsets of the 8-byte words in it that are addresses, relative to the image's load bias.
    pub addresses: Vec<u64>,
}

/// What goes into the laid-out image.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contents<'a> {
    /// Relocated bytes of each block, in the order of `ImageSpec::blocks`; empty for `Bss` and `TlsBss`.
    pub blocks: &'a [&'a [u8]],
    /// In any order.
    pub relocations: &'a [DynamicRelocation],
    /// `unwind::EhFrame::bytes`, emitted at `Layout::eh_frame()`.
    pub eh_frame: &'a [u8],
    /// `unwind::EhFrame::rows`: address of a function, address of its FDE. In any order.
    pub frames: &'a [(u64, u64)],
    /// `debug::collect`.
    pub debug: &'a [NamedSection],
    /// UTF-8 JSON for `.nx_hotpatch`.
    pub plan: &'a [u8],
}
