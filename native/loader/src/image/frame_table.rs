//! `.eh_frame_hdr`, checked: the index by which unwinders find a function's record (LSB, "The .eh_frame_hdr section").
//! An unwinder searches it by halves and believes what it finds.
#![forbid(unsafe_code)]

/// Version 1; pointer to the records relative to itself, 4 bytes; number of rows, 4 bytes; rows relative to the start of
/// the index, 4 bytes each.
const FORM: [u8; 4] = [1, 0x1b, 0x03, 0x3b];

/// Whether `bytes`, which lie at `address`, index just the `functions` (address, address of the record), in order, of
/// the records at `records`. Sorts `functions`.
pub fn is_sound(
    bytes: &[u8],
    address: usize,
    records: usize,
    functions: &mut [(usize, usize)],
) -> bool {
    functions.sort_unstable();
    let Some((form, rest)) = bytes.split_first_chunk::<4>() else {
        return false;
    };
    let mut words = rest
        .chunks_exact(4)
        .filter_map(|word| Some(i32::from_le_bytes(word.try_into().ok()?)));
    let from = |base: usize, distance: i32| base.checked_add_signed(distance as isize);
    let leads_to_records = words
        .next()
        .is_some_and(|distance| from(address + 4, distance) == Some(records));
    let count = words.next().and_then(|count| usize::try_from(count).ok());
    *form == FORM
        && leads_to_records
        && count == Some(functions.len())
        && functions.iter().all(|function| {
            let row = (words.next(), words.next());
            let address_of = |distance: Option<i32>| from(address, distance?);
            (address_of(row.0), address_of(row.1)) == (Some(function.0), Some(function.1))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(i32, i32)]) -> Vec<u8> {
        let mut bytes = FORM.to_vec();
        bytes.extend_from_slice(&(0x100i32 - 4).to_le_bytes());
        bytes.extend_from_slice(&(rows.len() as u32).to_le_bytes());
        for (function, record) in rows {
            bytes.extend_from_slice(&function.to_le_bytes());
            bytes.extend_from_slice(&record.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn an_index_holds_each_function_once_in_order() {
        let sound = |bytes: &[u8]| {
            let mut functions = [(0x3000, 0x1120), (0x2000, 0x1110)];
            is_sound(bytes, 0x1000, 0x1100, &mut functions)
        };
        let rows = [(0x1000, 0x110), (0x2000, 0x120)];
        assert!(sound(&table(&rows)));
        assert!(!sound(&table(&rows[..1])));
        assert!(!sound(&table(&[rows[1], rows[0]])));
        assert!(!sound(&table(&[rows[0], (0x2000, 0x110)])));
        let whole = table(&rows);
        for end in 0..whole.len() {
            assert!(!sound(&whole[..end]), "{end}");
        }
        let mut other = whole;
        other[3] = 0x1b;
        assert!(!sound(&other));
    }
}
