//! Several files as one input: `u32 LE length` and bytes of each. What is cut off is empty.

pub fn pack(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut packed = Vec::new();
    for part in parts {
        packed.extend_from_slice(&(part.len() as u32).to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

/// Exactly `N` parts, whatever the bytes say.
pub fn unpack<const N: usize>(mut packed: &[u8]) -> [&[u8]; N] {
    [(); N].map(|()| {
        let Some((length, rest)) = packed.split_first_chunk::<4>() else {
            return &[][..];
        };
        let length = (u32::from_le_bytes(*length) as usize).min(rest.len());
        let (part, after) = rest.split_at(length);
        packed = after;
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_survive_packing_and_lies_about_their_length_do_no_harm() {
        let parts = [b"one".to_vec(), Vec::new(), b"three".to_vec()];
        let packed = pack(&parts);
        assert_eq!(unpack::<3>(&packed), [&b"one"[..], b"", b"three"]);
        for end in 0..packed.len() {
            unpack::<3>(&packed[..end]);
        }
        let [all, none] = unpack::<2>(&[0xff, 0xff, 0xff, 0xff, 7]);
        assert_eq!((all, none), (&[7][..], &[][..]));
    }
}
