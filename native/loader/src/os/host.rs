//! The image that is patched, as it lies in memory.
use std::ffi::CStr;

use super::library::{self, Announced};
use super::memory::{Protection, Range};
use super::modules;

/// The main executable, or a library of it. Addresses are absolute.
#[derive(Debug, Clone)]
pub struct Host {
    pub path: String,
    pub bias: usize,
    /// Hexadecimal; empty when the image has no GNU build id.
    pub build_id: String,
    /// What the PT_LOAD headers map, with the protection it has now (RELRO applied), in ascending order.
    pub segments: Vec<Range>,
    /// The other modules of the process, by path: the shared libraries that were loaded before, and the executable
    /// where that is not what is patched.
    pub libraries: Vec<String>,
    /// Of a library: the distance from the thread pointer to its thread-locals. That of an executable follows from its
    /// headers.
    pub thread_block: Option<i64>,
    pub is_library: bool,
}

impl Host {
    /// The main executable. None when the dynamic linker lists no module, as in a static program.
    pub fn find() -> Option<Self> {
        let mut host = None;
        let mut libraries = Vec::new();
        modules::for_each_loaded(|info| {
            // dl_iterate_phdr(3): the first module is the main program.
            if host.is_none() {
                host = Some(read_host(info, own_path()));
            } else {
                libraries.extend(path(info));
            }
        });
        host.map(|host| Self { libraries, ..host })
    }

    /// The library that has announced itself. None when no module has that address.
    pub fn find_library(announced: &Announced) -> Option<Self> {
        let mut host = None;
        let mut libraries = Vec::new();
        let mut is_program = true;
        modules::for_each_loaded(|info| {
            let place = modules::extent(info);
            if place.is_some_and(|(start, end)| (start..end).contains(&announced.inside)) {
                host = path(info).map(|path| Self {
                    thread_block: thread_block(info, announced),
                    is_library: true,
                    ..read_host(info, path)
                });
            } else if is_program {
                libraries.push(own_path());
            } else {
                libraries.extend(path(info));
            }
            is_program = false;
        });
        host.map(|host| Self { libraries, ..host })
    }

    pub fn start(&self) -> usize {
        self.segments
            .first()
            .map_or(self.bias, |segment| segment.start)
    }

    pub fn end(&self) -> usize {
        self.segments
            .last()
            .map_or(self.bias, |segment| segment.end)
    }
}

fn own_path() -> String {
    let path = std::fs::read_link("/proc/self/exe").unwrap_or_default();
    path.to_string_lossy().into_owned()
}

/// The file of a module; None for the vDSO, which has a name and no file, and for the main program, which has no name.
fn path(info: &libc::dl_phdr_info) -> Option<String> {
    if info.dlpi_name.is_null() {
        return None;
    }
    // SAFETY: a C string that lives as long as the module.
    let name = unsafe { CStr::from_ptr(info.dlpi_name) }.to_string_lossy();
    name.contains('/').then(|| name.into_owned())
}

fn thread_block(info: &libc::dl_phdr_info, announced: &Announced) -> Option<i64> {
    let mut headers = modules::headers(info).iter();
    let tls = headers.find(|header| header.p_type == libc::PT_TLS)?;
    library::static_block(info.dlpi_tls_modid, tls.p_memsz as usize, announced)
}

fn read_host(info: &libc::dl_phdr_info, path: String) -> Host {
    let bias = info.dlpi_addr as usize;
    let headers = modules::headers(info);
    let place = |header: &libc::Elf64_Phdr| {
        let start = bias.wrapping_add(header.p_vaddr as usize);
        (start, start.wrapping_add(header.p_memsz as usize))
    };
    let mut segments: Vec<Range> = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD)
        .map(|header| {
            let (start, end) = place(header);
            Range {
                start,
                end,
                protection: Protection::of_segment(header.p_flags),
            }
        })
        .collect();
    segments.sort_by_key(|segment| segment.start);
    if let Some(relro) = headers
        .iter()
        .find(|header| header.p_type == libc::PT_GNU_RELRO)
    {
        let (start, end) = place(relro);
        segments = Range::split_read_only(&segments, start, end);
    }
    let notes = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_NOTE);
    let build_id = notes
        .filter(|header| {
            let (start, end) = place(header);
            segments
                .iter()
                .any(|segment| segment.start <= start && end <= segment.end)
        })
        .find_map(|header| {
            let (start, end) = place(header);
            // SAFETY: the range lies in a loaded segment, and notes are never written.
            crate::image::notes::build_id(unsafe {
                std::slice::from_raw_parts(start as *const u8, end - start)
            })
        });
    Host {
        path,
        bias,
        build_id: build_id.unwrap_or_default(),
        segments,
        libraries: Vec::new(),
        thread_block: None,
        is_library: false,
    }
}
