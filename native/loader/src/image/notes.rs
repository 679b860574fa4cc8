//! ELF notes: the build id, which names an image by its content.
#![forbid(unsafe_code)]

const NT_GNU_BUILD_ID: u32 = 3;

/// The GNU build id in the contents of a PT_NOTE segment, in hexadecimal.
pub fn build_id(mut notes: &[u8]) -> Option<String> {
    loop {
        let (head, rest) = notes.split_first_chunk::<12>()?;
        let word = |at: usize| {
            head.get(at..at + 4)
                .and_then(|bytes| bytes.try_into().ok())
                .map_or(0, u32::from_le_bytes)
        };
        let (name_size, size, kind) = (word(0) as usize, word(4) as usize, word(8));
        let name = rest.get(..name_size)?;
        let rest = rest.get(padded(name_size)?..)?;
        let contents = rest.get(..size)?;
        if kind == NT_GNU_BUILD_ID && name == b"GNU\0" {
            return Some(contents.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        notes = rest.get(padded(size)?..)?;
    }
}

/// Names and contents are padded to 4 bytes (gABI, "Note Section").
fn padded(size: usize) -> Option<usize> {
    size.checked_next_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_id_is_found_behind_other_notes() {
        let mut notes = Vec::new();
        for (kind, name, contents) in [
            (5u32, b"GNU\0", &[1u8, 2, 3][..]),
            (3, b"GNU\0", &[0xab, 0x01]),
        ] {
            notes.extend_from_slice(&4u32.to_le_bytes());
            notes.extend_from_slice(&(contents.len() as u32).to_le_bytes());
            notes.extend_from_slice(&kind.to_le_bytes());
            notes.extend_from_slice(name);
            notes.extend_from_slice(contents);
            notes.resize(notes.len().next_multiple_of(4), 0);
        }
        assert_eq!(build_id(&notes).as_deref(), Some("ab01"));
        for end in 0..notes.len() - 2 {
            assert_eq!(build_id(&notes[..end]), None);
        }
    }
}
