//! The bytes of CIEs and FDEs (DWARF 5 section 6.4.1, with the LSB's changes for `.eh_frame`).
use super::cie::Common;
use super::Frame;
use gimli::{DW_EH_PE_indirect, DW_EH_PE_pcrel, DW_EH_PE_sdata4, DwEhPe};

const POINTER: DwEhPe = DwEhPe(DW_EH_PE_pcrel.0 | DW_EH_PE_sdata4.0);
const SLOT: DwEhPe = DwEhPe(DW_EH_PE_indirect.0 | POINTER.0);

/// Length and CIE pointer.
const RECORD_HEAD: u64 = 8;
/// Offset of PC begin in an FDE.
pub(super) const FUNCTION_FIELD: u64 = RECORD_HEAD;
/// Offset of the LSDA pointer in an FDE: behind PC begin, PC range (4 bytes each) and the augmentation length.
pub(super) const LSDA_FIELD: u64 = RECORD_HEAD + 4 + 4 + 1;

/// What makes two CIEs of a patch the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key<'data> {
    common: Common<'data>,
    pub(super) personality: Option<&'data str>,
    lsda: bool,
}

impl<'data> Key<'data> {
    pub(super) fn of(frame: &Frame<'data>) -> Key<'data> {
        Key {
            common: frame.cie.common,
            personality: frame.cie.personality,
            lsda: frame.lsda.is_some(),
        }
    }

    /// From the version to the length of the augmentation data.
    fn head(&self) -> Vec<u8> {
        let mut head = vec![1, b'z'];
        let letters = [
            (b'P', self.personality.is_some()),
            (b'L', self.lsda),
            (b'R', true),
            (b'S', self.common.signal),
        ];
        head.extend(
            letters
                .iter()
                .filter(|(_, present)| *present)
                .map(|(letter, _)| *letter),
        );
        head.push(0);
        uleb(&mut head, self.common.code_align);
        sleb(&mut head, self.common.data_align);
        head.push(self.common.return_register);
        let personality = if self.personality.is_some() { 5 } else { 0 };
        head.push(personality + u8::from(self.lsda) + 1);
        head
    }

    /// Offset of the personality pointer in the CIE: behind its encoding.
    pub(super) fn personality_field(&self) -> u64 {
        RECORD_HEAD + self.head().len() as u64 + 1
    }
}

#[derive(Debug, Default)]
pub(super) struct Table {
    bytes: Vec<u8>,
}

impl Table {
    /// Offset of the next record.
    pub(super) fn here(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn cie(&mut self, key: &Key<'_>, personality: i32) {
        let mut body = vec![0; 4];
        body.extend(key.head());
        if key.personality.is_some() {
            body.push(SLOT.0);
            body.extend_from_slice(&personality.to_le_bytes());
        }
        if key.lsda {
            body.push(POINTER.0);
        }
        body.push(POINTER.0);
        body.extend_from_slice(key.common.instructions);
        self.record(body);
    }

    /// `cie` is the offset of its CIE; `function` and `lsda` are displacements from their fields.
    pub(super) fn fde(&mut self, frame: &Frame<'_>, cie: u64, function: i32, size: u32, lsda: i32) {
        // Distance from this field, behind the length, back to the CIE.
        let back = (self.here() + 4).wrapping_sub(cie) as u32;
        let mut body = back.to_le_bytes().to_vec();
        body.extend_from_slice(&function.to_le_bytes());
        body.extend_from_slice(&size.to_le_bytes());
        if frame.lsda.is_some() {
            body.push(4);
            body.extend_from_slice(&lsda.to_le_bytes());
        } else {
            body.push(0);
        }
        body.extend_from_slice(frame.instructions);
        self.record(body);
    }

    /// Records are multiples of 8 bytes, as the pointers in them would ask in their widest form; `DW_CFA_nop` is 0.
    fn record(&mut self, mut body: Vec<u8>) {
        body.resize((body.len() + 4).next_multiple_of(8) - 4, 0);
        self.bytes
            .extend_from_slice(&(body.len() as u32).to_le_bytes());
        self.bytes.extend(body);
    }

    /// A zero length ends a table that was registered by its start alone. No records, no table.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if !self.bytes.is_empty() {
            self.bytes.extend_from_slice(&[0; 4]);
        }
        self.bytes
    }
}

fn uleb(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn sleb(out: &mut Vec<u8>, mut value: i64) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}
