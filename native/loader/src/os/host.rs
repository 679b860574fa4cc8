//! The program as it lies in memory.
use std::ffi::CStr;

use super::memory::{Protection, Range};
use super::modules;

/// The main executable. Addresses are absolute.
#[derive(Debug, Clone)]
pub struct Host {
    pub bias: usize,
    /// Hexadecimal; empty when the image has no GNU build id.
    pub build_id: String,
    /// What the PT_LOAD headers map, with the protection it has now (RELRO applied), in ascending order.
    pub segments: Vec<Range>,
    /// The shared libraries that were loaded with the program, by path.
    pub libraries: Vec<String>,
}

impl Host {
    /// None when the dynamic linker lists no module, as in a static program.
    pub fn find() -> Option<Self> {
        let mut host = None;
        let mut libraries = Vec::new();
        modules::for_each_loaded(|info| {
            // dl_iterate_phdr(3): the first module is the main program.
            if host.is_none() {
                // SAFETY: `info` describes a module that is loaded.
                host = Some(unsafe { read_host(info) });
            } else if !info.dlpi_name.is_null() {
                // SAFETY: a C string that lives as long as the module.
                let name = unsafe { CStr::from_ptr(info.dlpi_name) }.to_string_lossy();
                // The vDSO has a name and no file.
                if name.contains('/') {
                    libraries.push(name.into_owned());
                }
            }
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

/// # Safety
/// `info` describes a module that is loaded.
unsafe fn read_host(info: &libc::dl_phdr_info) -> Host {
    let bias = info.dlpi_addr as usize;
    // SAFETY: dlpi_phnum headers stand there.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
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
        bias,
        build_id: build_id.unwrap_or_default(),
        segments,
        libraries: Vec::new(),
    }
}
