//! `.eh_frame_hdr`: a table by which unwinders find a function's FDE by binary search (LSB core, "Exception Frames").
use super::layout::Layout;
use super::parts::Part;
use super::{dynamic, Error, ImageSpec};
use gimli::{DW_EH_PE_datarel, DW_EH_PE_pcrel, DW_EH_PE_sdata4, DW_EH_PE_udata4};

const VERSION: u8 = 1;
const HEADER: u64 = 12;

pub(super) fn size(spec: &ImageSpec) -> u64 {
    if spec.eh_frame_size == 0 {
        return 0;
    }
    HEADER + 8 * spec.frames as u64
}

/// The table, sorted by function. `rows` are addresses of functions and their FDEs.
pub(super) fn bytes(
    spec: &ImageSpec,
    layout: &Layout,
    rows: &[(u64, u64)],
) -> Result<Vec<u8>, Error> {
    dynamic::expect("frames", spec.frames, rows.len())?;
    let here = layout.place(Part::EhFrameHdr).address;
    let mut sorted: Vec<(u64, u64)> = rows.to_vec();
    sorted.sort_unstable();

    let mut bytes = vec![
        VERSION,
        (DW_EH_PE_pcrel | DW_EH_PE_sdata4).0,
        DW_EH_PE_udata4.0,
        (DW_EH_PE_datarel | DW_EH_PE_sdata4).0,
    ];
    // pcrel: relative to the field itself, 4 bytes into the section.
    bytes.extend_from_slice(&displacement(here + 4, layout.eh_frame())?.to_le_bytes());
    bytes.extend_from_slice(&(rows.len() as u32).to_le_bytes());
    for (function, fde) in sorted {
        // datarel: relative to the start of this section.
        bytes.extend_from_slice(&displacement(here, function)?.to_le_bytes());
        bytes.extend_from_slice(&displacement(here, fde)?.to_le_bytes());
    }
    Ok(bytes)
}

fn displacement(from: u64, to: u64) -> Result<i32, Error> {
    i32::try_from(to.wrapping_sub(from) as i64).map_err(|_| Error::TooLarge)
}
