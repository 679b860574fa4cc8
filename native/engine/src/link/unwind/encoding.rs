//! How pointers in `.eh_frame` are written.
use object::elf::{
    RelocationType, R_X86_64_32, R_X86_64_32S, R_X86_64_64, R_X86_64_PC32, R_X86_64_PC64,
};

/// How a pointer is written (`DW_EH_PE_*`): 4 or 8 bytes, absolute or relative to its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    pub(super) wide: bool,
    pub(super) relative: bool,
    /// The pointer leads to a word that holds the address.
    pub(super) indirect: bool,
}

impl Encoding {
    /// `DW_EH_PE_absptr`.
    pub(super) const ABSOLUTE: Encoding = Encoding {
        wide: true,
        relative: false,
        indirect: false,
    };

    /// `None` for forms that no x86-64 compiler writes into an object.
    pub(super) fn of(byte: u8) -> Option<Encoding> {
        let wide = match byte & 0x0f {
            0x00 | 0x04 | 0x0c => true,
            0x03 | 0x0b => false,
            _ => return None,
        };
        let relative = match byte & 0x70 {
            0x00 => false,
            0x10 => true,
            _ => return None,
        };
        Some(Encoding {
            wide,
            relative,
            indirect: byte & 0x80 != 0,
        })
    }

    /// psABI table 4.9: the kinds whose field has this form, `S + A` or `S + A - P`.
    pub(super) fn allows(self, kind: RelocationType) -> bool {
        match (self.relative, self.wide) {
            (true, false) => kind == R_X86_64_PC32,
            (true, true) => kind == R_X86_64_PC64,
            (false, false) => kind == R_X86_64_32 || kind == R_X86_64_32S,
            (false, true) => kind == R_X86_64_64,
        }
    }
}
