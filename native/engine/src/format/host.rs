//! The host image: the program that runs, as the linker wrote it.

pub mod pointers;

use super::claim::Claim;
use super::{Error, Result};
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, Sym};
use object::Endianness;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;
use std::path::{Path, PathBuf};

/// Addresses are virtual addresses of the image, that is relative to its load bias when it is position-independent.
#[derive(Debug, Clone, Copy)]
pub struct HostSymbol {
    pub address: u64,
    pub size: u64,
    pub kind: HostKind,
    /// Which `STT_FILE` group a local symbol stands in (the object that it comes from); `u32::MAX` for globals.
    group: u32,
    name: (u32, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    Function,
    Data,
    Tls,
}

#[derive(Debug)]
struct Segment {
    address: u64,
    /// What the file holds of it: debug sections, most of an image, are not kept.
    bytes: Vec<u8>,
}

#[derive(Debug)]
pub struct HostImage {
    pub path: PathBuf,
    pub build_id: String,
    segments: Vec<Segment>,
    /// The string table of the symbols.
    names: Vec<u8>,
    symbols: Vec<HostSymbol>,
    heads: FxHashMap<u64, u32>,
    next: Vec<u32>,
    groups: Vec<(u32, u32)>,
    /// Start addresses of all functions, ascending, for "what comes behind this one".
    starts: Vec<u64>,
    text: Vec<std::ops::Range<u64>>,
    threads: Threads,
    pointers: pointers::Tables,
}

/// Where the image's thread-locals lie in each thread.
#[derive(Debug, Clone, Copy)]
enum Threads {
    None,
    /// Offset of the block from the thread pointer.
    At(i64),
    /// A shared library's: known once it is loaded.
    Unknown,
}

impl HostImage {
    /// Errors: not an x86_64 program, no symbol table (stripped), no build id.
    pub fn open(path: &Path) -> Result<HostImage> {
        let bytes =
            std::fs::read(path).map_err(|e| Error::new(path, format!("cannot be read: {e}")))?;
        HostImage::parse(path, bytes)
    }

    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<HostImage> {
        let fail = |what: String| Error::new(path, what);
        let damaged = |e: object::read::Error| fail(format!("damaged image: {e}"));
        let data: &[u8] = &bytes;
        let header = elf::FileHeader64::<Endianness>::parse(data)
            .map_err(|_| fail("is not an ELF64 program (foreign-image)".into()))?;
        let endian = header.endian().map_err(damaged)?;
        let kind = header.e_type(endian);
        if header.e_machine(endian) != elf::EM_X86_64
            || (kind != elf::ET_DYN && kind != elf::ET_EXEC)
        {
            return Err(fail("is not an x86_64 program (foreign-image)".into()));
        }
        let mut segments = Vec::new();
        let mut loaded = 0usize;
        let mut threads = Threads::None;
        // Only what is started itself names a program interpreter (gABI, "Program Interpreter").
        let mut is_program = kind == elf::ET_EXEC;
        for segment in header.program_headers(endian, data).map_err(damaged)? {
            let (address, memory) = (segment.p_vaddr(endian), segment.p_memsz(endian));
            if segment.p_type(endian) == elf::PT_LOAD {
                let contents = segment.data(endian, data).map_err(|()| {
                    fail("damaged image: a segment reaches past the end of the file".into())
                })?;
                // Linkers give a byte of the file to one segment. A damaged table can name the whole file sixty thousand
                // times.
                loaded = loaded.saturating_add(contents.len());
                if loaded > data.len() {
                    return Err(fail("damaged image: its segments overlap".into()));
                }
                segments.push(Segment {
                    address,
                    bytes: contents.to_vec(),
                });
            } else if segment.p_type(endian) == elf::PT_TLS {
                threads = block_of_program(memory, segment.p_align(endian))
                    .ok_or_else(|| fail("damaged image: its thread-locals are too large".into()))?;
            } else if segment.p_type(endian) == elf::PT_INTERP {
                is_program = true;
            }
        }
        if !is_program && !matches!(threads, Threads::None) {
            threads = Threads::Unknown;
        }
        let sections = header.sections(endian, data).map_err(damaged)?;
        let pointers = pointers::Tables::of(header, &sections, endian, data);
        let mut text = Vec::new();
        for section in sections.iter() {
            let flags = section.sh_flags(endian);
            if flags.0 & elf::SHF_EXECINSTR.0 != 0 {
                let start = section.sh_addr(endian);
                text.push(start..start.saturating_add(section.sh_size(endian)));
            }
        }
        let build_id = build_id(header, endian, data).ok_or_else(|| {
            fail("has no build id: link it with --build-id (foreign-image)".into())
        })?;

        let table = sections
            .symbols(endian, data, elf::SHT_SYMTAB)
            .map_err(damaged)?;
        if table.is_empty() {
            return Err(fail(
                "is stripped: it has no symbol table (stripped-image)".into(),
            ));
        }
        let mut symbols = Vec::with_capacity(table.len());
        let mut groups: Vec<(u32, u32)> = Vec::new();
        let mut starts = Vec::new();
        let mut claim = Claim::of(data.len());
        for symbol in table.iter() {
            let name = table.symbol_name(endian, symbol).map_err(damaged)?;
            claim.name(name).map_err(|what| fail(what.into()))?;
            let place = (symbol.st_name(endian), name.len() as u32);
            let local = symbol.st_bind() == elf::STB_LOCAL;
            if symbol.st_type() == elf::STT_FILE {
                groups.push(place);
                continue;
            }
            let kind = match symbol.st_type() {
                elf::STT_FUNC | elf::STT_GNU_IFUNC => HostKind::Function,
                elf::STT_TLS => HostKind::Tls,
                elf::STT_OBJECT | elf::STT_NOTYPE => HostKind::Data,
                _ => continue,
            };
            if symbol.st_shndx(endian) == elf::SHN_UNDEF || name.is_empty() {
                continue;
            }
            if kind == HostKind::Function {
                starts.push(symbol.st_value(endian));
            }
            symbols.push(HostSymbol {
                address: symbol.st_value(endian),
                size: symbol.st_size(endian),
                kind,
                group: if local {
                    (groups.len() as u32).wrapping_sub(1)
                } else {
                    u32::MAX
                },
                name: place,
            });
        }
        let strings = sections
            .section(table.string_section())
            .and_then(|s| s.data(endian, data))
            .map_err(damaged)?;
        let names = strings.to_vec();
        starts.sort_unstable();
        starts.dedup();
        let mut heads = FxHashMap::default();
        let mut next = vec![u32::MAX; symbols.len()];
        for (index, symbol) in symbols.iter().enumerate() {
            let key = hash(slice(&names, symbol.name));
            if let Some(previous) = heads.insert(key, index as u32) {
                next[index] = previous;
            }
        }
        Ok(HostImage {
            path: path.into(),
            build_id,
            segments,
            names,
            symbols,
            heads,
            next,
            groups,
            starts,
            text,
            threads,
            pointers,
        })
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &HostSymbol> {
        let mut at = self
            .heads
            .get(&hash(name.as_bytes()))
            .copied()
            .unwrap_or(u32::MAX);
        let name = name.as_bytes().to_vec();
        std::iter::from_fn(move || loop {
            let symbol = self.symbols.get(at as usize)?;
            at = self.next.get(at as usize).copied().unwrap_or(u32::MAX);
            if slice(&self.names, symbol.name) == name.as_slice() {
                return Some(symbol);
            }
        })
    }

    /// The symbol that `name` means to other objects: a global one, or the only local one.
    ///
    /// Symbols that rustc shares between the units of a crate are hidden, and linkers make hidden symbols local in
    /// the image, so "local" alone says nothing. Two local symbols of one name at different addresses are private
    /// copies in their units: ambiguous, hence `None`.
    pub fn symbol(&self, name: &str) -> Option<&HostSymbol> {
        let mut found: Option<&HostSymbol> = None;
        for symbol in self.all(name) {
            if symbol.group == u32::MAX {
                return Some(symbol);
            }
            match found {
                Some(other) if other.address != symbol.address => return None,
                _ => found = Some(symbol),
            }
        }
        found
    }

    /// The private copy of `name` that came from the object whose `STT_FILE` symbol is `file`.
    pub fn local_symbol(&self, file: &str, name: &str) -> Option<&HostSymbol> {
        let mut copies = self.all(name).filter(|s| {
            self.groups
                .get(s.group as usize)
                .is_some_and(|&g| slice(&self.names, g) == file.as_bytes())
        });
        let first = copies.next()?;
        // Two objects may carry one file name; then this says nothing.
        copies
            .all(|other| other.address == first.address)
            .then_some(first)
    }

    /// Where functions of this name begin: of a shared one, and of all private copies.
    pub fn functions_named(&self, name: &str) -> Vec<u64> {
        let functions = self.all(name).filter(|s| s.kind == HostKind::Function);
        let mut starts: Vec<u64> = functions.map(|s| s.address).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// Whether `address` lies in the image's code.
    pub fn holds(&self, address: u64) -> bool {
        self.text.iter().any(|t| t.contains(&address))
    }

    /// Whether the image has private copies of the function `name` and does not say which came from the object whose
    /// `STT_FILE` symbol is `file`.
    pub fn is_ambiguous(&self, file: &str, name: &str) -> bool {
        let mut copies = self.all(name).filter(|s| s.kind == HostKind::Function);
        copies.next().is_some()
            && self.symbol(name).is_none()
            && self.local_symbol(file, name).is_none()
            && (copies.count() > 0 && self.files_named(file) != 1)
    }

    fn files_named(&self, file: &str) -> usize {
        let named = |group: &&(u32, u32)| slice(&self.names, **group) == file.as_bytes();
        self.groups.iter().filter(named).count()
    }

    /// `len` bytes of the file's contents at a virtual address; `None` outside of what the file holds.
    pub fn read(&self, address: u64, len: usize) -> Option<&[u8]> {
        self.segments.iter().find_map(|segment| {
            let start = usize::try_from(address.checked_sub(segment.address)?).ok()?;
            segment.bytes.get(start..start.checked_add(len)?)
        })
    }

    /// Where the function at `address` must end at the latest: the next function or the end of its section.
    pub fn room(&self, address: u64) -> u64 {
        let next = match self.starts.binary_search(&address) {
            Ok(at) => self.starts.get(at + 1),
            Err(at) => self.starts.get(at),
        };
        let end = self
            .text
            .iter()
            .find(|t| t.contains(&address))
            .map_or(address, |t| t.end);
        next.map_or(end, |&n| n.min(end)).saturating_sub(address)
    }

    /// Names of all functions at `address`: more than one when the compiler or linker folded equal ones.
    pub fn functions_at(&self, address: u64) -> Vec<String> {
        let at = |s: &&HostSymbol| s.kind == HostKind::Function && s.address == address;
        let mut names: Vec<String> = self
            .symbols
            .iter()
            .filter(at)
            .map(|s| String::from_utf8_lossy(slice(&self.names, s.name)).into_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Offset from the thread pointer of a thread-local symbol.
    pub fn thread_offset(&self, symbol: &HostSymbol) -> Option<i64> {
        let Threads::At(block) = self.threads else {
            return None;
        };
        block.checked_add_unsigned(symbol.address)
    }

    /// Says where a shared library's thread-locals lie: the offset of their block from the thread pointer.
    pub fn set_thread_block(&mut self, offset: i64) {
        if !matches!(self.threads, Threads::None) {
            self.threads = Threads::At(offset);
        }
    }

    /// Whether it cannot be told yet where its thread-locals are.
    pub fn misses_thread_block(&self) -> bool {
        matches!(self.threads, Threads::Unknown)
    }
}

/// x86-64 TLS variant II: the executable's block ends at the thread pointer (ELF Handling for TLS, 3.4.6).
fn block_of_program(memory: u64, align: u64) -> Option<Threads> {
    let block = memory.checked_next_multiple_of(align.max(1))?;
    Some(Threads::At(0i64.checked_sub_unsigned(block)?))
}

fn build_id(
    header: &elf::FileHeader64<Endianness>,
    endian: Endianness,
    data: &[u8],
) -> Option<String> {
    for segment in header.program_headers(endian, data).ok()? {
        let Ok(Some(mut notes)) = segment.notes(endian, data) else {
            continue;
        };
        while let Ok(Some(note)) = notes.next() {
            if note.name() == elf::ELF_NOTE_GNU && note.n_type(endian) == elf::NT_GNU_BUILD_ID {
                return Some(note.desc().iter().map(|b| format!("{b:02x}")).collect());
            }
        }
    }
    None
}

fn slice(bytes: &[u8], (start, len): (u32, u32)) -> &[u8] {
    bytes
        .get(start as usize..start as usize + len as usize)
        .unwrap_or(&[])
}

fn hash(name: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(name);
    hasher.finish()
}
