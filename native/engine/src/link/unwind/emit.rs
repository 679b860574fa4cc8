//! A patch's `.eh_frame`.
//!
//! Every pointer is written in one form, whatever the object used: functions and LSDAs as `pcrel | sdata4`,
//! personality routines as `indirect | pcrel | sdata4` through an address slot of the image. So CIEs of different
//! objects that say the same become one.
use super::table::{self, Key, Table};
use super::{Error, Frame};
use rustc_hash::{FxHashMap, FxHashSet};

/// A frame at its place in the patch.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a, 'data> {
    pub frame: &'a Frame<'data>,
    /// Address of the function in the image.
    pub address: u64,
    /// Address of the LSDA in the image: given exactly when `frame.lsda` is.
    pub lsda: Option<u64>,
}

/// A finished table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EhFrame {
    /// With the zero terminator that `__register_frame` needs; `size` bytes.
    pub bytes: Vec<u8>,
    /// Address of a function, address of its FDE: the rows of `.eh_frame_hdr`.
    pub rows: Vec<(u64, u64)>,
}

/// Bytes that `emit` makes of these frames, in whatever order; 0 for no frames.
pub fn size<'a, 'data: 'a>(frames: impl IntoIterator<Item = &'a Frame<'data>>) -> u64 {
    let mut table = Table::default();
    let mut seen = FxHashSet::default();
    for frame in frames {
        let key = Key::of(frame);
        if seen.insert(key) {
            table.cie(&key, 0);
        }
        table.fde(frame, 0, 0, 0, 0);
    }
    table.finish().len() as u64
}

/// Writes the table for address `at`. `slot` gives, for a personality routine's name, the address of the 8 bytes in
/// the image that hold its address.
pub fn emit(
    placed: &[Placed<'_, '_>],
    at: u64,
    slot: impl Fn(&str) -> Option<u64>,
) -> Result<EhFrame, Error> {
    let mut table = Table::default();
    let mut rows = Vec::with_capacity(placed.len());
    let mut cies = FxHashMap::default();
    for Placed {
        frame,
        address,
        lsda,
    } in placed
    {
        if lsda.is_some() != frame.lsda.is_some() {
            return Err(Error::Lsda { address: *address });
        }
        let key = Key::of(frame);
        let cie = match cies.get(&key) {
            Some(cie) => *cie,
            None => {
                let cie = table.here();
                let personality = match key.personality {
                    Some(name) => {
                        displacement(at + cie + key.personality_field(), slot_of(name, &slot)?)?
                    }
                    None => 0,
                };
                table.cie(&key, personality);
                cies.insert(key, cie);
                cie
            }
        };
        let fde = table.here();
        let function = displacement(at + fde + table::FUNCTION_FIELD, *address)?;
        let size = u32::try_from(frame.size).map_err(|_| Error::OutOfRange {
            from: *address,
            to: address.saturating_add(frame.size),
        })?;
        let lsda = match lsda {
            Some(lsda) => displacement(at + fde + table::LSDA_FIELD, *lsda)?,
            None => 0,
        };
        table.fde(frame, cie, function, size, lsda);
        rows.push((*address, at + fde));
    }
    Ok(EhFrame {
        bytes: table.finish(),
        rows,
    })
}

fn slot_of(name: &str, slot: impl Fn(&str) -> Option<u64>) -> Result<u64, Error> {
    slot(name).ok_or_else(|| Error::Personality { name: name.into() })
}

/// `DW_EH_PE_pcrel | sdata4`: target minus the field's own address.
fn displacement(from: u64, to: u64) -> Result<i32, Error> {
    i32::try_from(to.wrapping_sub(from) as i64).map_err(|_| Error::OutOfRange { from, to })
}
