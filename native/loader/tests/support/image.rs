//! Patch images.
use std::process::Command;

use object::{Object, ObjectSymbol};
use serde_json::{json, Value};

use super::program::Program;
use super::{run, Folder};

/// What a C patch starts with. `HOST(a)` turns an address of the program into one of the running process.
const PRELUDE: &str = "
extern char __ehdr_start[] __attribute__((visibility(\"hidden\")));
#define HOST(address) ((void *)(__ehdr_start - (DISTANCE) + (address)))
";

/// The linker ends no `.eh_frame` when no crt files are linked.
const END: &str =
    ".section .eh_frame,\"a\",@unwind\n.long 0\n.section .note.GNU-stack,\"\",@progbits\n";

/// Stands for a number that [`Patch::build_like`] changes.
pub const VALUE: u32 = 0x5152_5354;

/// Room for a plan, filled with spaces.
const PLAN: usize = 4096;

pub struct Patch<'p> {
    pub program: &'p Program,
    pub id: u32,
    /// The image's load bias less the program's.
    pub distance: i64,
    /// C source; `$name` stands for the address of a symbol of the program.
    pub source: String,
    /// (symbol of the program, symbol of the patch, bytes that stand at the first now)
    pub redirects: Vec<(String, String, Vec<u8>)>,
    pub restores: Vec<Value>,
    pub writes: Vec<Value>,
    /// What nothing may lead to; not in the plan when there is nothing.
    pub absent: Vec<Value>,
    /// Offset in the pool.
    pub tls_offset: Option<u64>,
    pub flags: Vec<String>,
}

pub struct Image {
    pub bytes: Vec<u8>,
    /// Addresses in the image, in the order of the redirects.
    pub new: Vec<u64>,
}

impl Patch<'_> {
    pub fn build(&self) -> Image {
        let folder = Folder::new();
        let (c, s) = (folder.0.join("patch.c"), folder.0.join("end.s"));
        let (linked, plan, image) = (
            folder.0.join("linked.so"),
            folder.0.join("plan.json"),
            folder.0.join("image.so"),
        );
        std::fs::write(&c, format!("{PRELUDE}{}", self.resolve_names())).unwrap();
        std::fs::write(&s, END).unwrap();
        run(Command::new("cc")
            .args([
                "-g",
                "-O1",
                "-fPIC",
                "-shared",
                "-nostdlib",
                "-fno-plt",
                "-fexceptions",
                "-ftls-model=initial-exec",
            ])
            .args([
                "-Wl,-z,separate-code",
                "-Wl,-z,norelro",
                "-Wl,-z,now",
                "-Wl,--build-id=none",
            ])
            .arg(format!("-DDISTANCE=({}L)", self.distance))
            .args(&self.flags)
            .args([&c, &s])
            .arg("-o")
            .arg(&linked));
        let contents = std::fs::read(&linked).unwrap();
        let file = object::File::parse(contents.as_slice()).unwrap();
        let address = |name: &str| {
            let symbol = file.symbols().find(|symbol| symbol.name() == Ok(name));
            symbol
                .unwrap_or_else(|| panic!("no {name} in the patch"))
                .address()
        };
        let new: Vec<u64> = self
            .redirects
            .iter()
            .map(|(_, new, _)| address(new))
            .collect();
        std::fs::write(&plan, self.padded_plan(&new, tls_segment(&contents))).unwrap();
        let mut section = std::ffi::OsString::from(".nx_hotpatch=");
        section.push(&plan);
        run(Command::new("objcopy")
            .arg("--add-section")
            .arg(section)
            .args([&linked, &image]));
        Image {
            bytes: std::fs::read(&image).unwrap(),
            new,
        }
    }

    /// The image of this patch, made from one of the same source for another place: only the plan differs, and the
    /// number that the source calls [`VALUE`]. The source must not name addresses of the program.
    pub fn build_like(&self, other: &Image, value: u32) -> Image {
        let mut bytes = other.bytes.clone();
        let place = |bytes: &[u8], what: &[u8]| {
            let mut all = bytes.windows(what.len());
            all.position(|window| window == what)
        };
        let plan = place(&bytes, b"{\"buildId\"").unwrap();
        bytes[plan..plan + PLAN].copy_from_slice(&self.padded_plan(&other.new, None));
        let mut seen = 0;
        while let Some(at) = place(&bytes, &VALUE.to_le_bytes()) {
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            seen += 1;
        }
        assert!(seen > 0, "the source has no VALUE");
        Image {
            bytes,
            new: other.new.clone(),
        }
    }

    fn padded_plan(&self, new: &[u64], tls: Option<(u64, u64, u64, u64)>) -> Vec<u8> {
        let mut plan = self.plan(new, tls).to_string().into_bytes();
        assert!(plan.len() <= PLAN);
        plan.resize(PLAN, b' ');
        plan
    }

    fn resolve_names(&self) -> String {
        let mut source = self.source.clone();
        while let Some(at) = source.find('$') {
            let rest = &source[at + 1..];
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let address = format!("{:#x}L", self.program.address(&rest[..end]));
            source.replace_range(at..at + 1 + end, &address);
        }
        source
    }

    fn plan(&self, new: &[u64], tls: Option<(u64, u64, u64, u64)>) -> Value {
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let redirects: Vec<Value> = self
            .redirects
            .iter()
            .zip(new)
            .map(|((old, _, bytes), new)| {
                json!({"symbol": old, "name": old, "old": self.program.address(old), "new": new, "bytes": hex(bytes)})
            })
            .collect();
        let mut plan = json!({
            "format": 3, "patch": self.id, "buildId": self.program.build_id, "distance": self.distance,
            "redirects": redirects, "restores": self.restores, "writes": self.writes,
        });
        if !self.absent.is_empty() {
            plan["absent"] = json!(self.absent);
        }
        if let (Some(offset), Some((image, file_size, mem_size, align))) = (self.tls_offset, tls) {
            plan["tls"] = json!({"offset": offset, "image": image, "fileSize": file_size, "memSize": mem_size, "align": align});
        }
        plan
    }
}

/// Address, file size, memory size and alignment of PT_TLS.
fn tls_segment(contents: &[u8]) -> Option<(u64, u64, u64, u64)> {
    use object::read::elf::{FileHeader, ProgramHeader};
    let endian = object::LittleEndian;
    let header = object::elf::FileHeader64::<object::LittleEndian>::parse(contents).unwrap();
    let headers = header.program_headers(endian, contents).unwrap();
    let tls = headers
        .iter()
        .find(|header| header.p_type(endian) == object::elf::PT_TLS)?;
    Some((
        tls.p_vaddr(endian),
        tls.p_filesz(endian),
        tls.p_memsz(endian),
        tls.p_align(endian),
    ))
}
