//! What the FDEs of an object have in common.
use super::encoding::Encoding;
use super::record::Record;
use super::Error;

/// A CIE, apart from the encodings that its object chose for pointers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cie<'data> {
    pub(super) common: Common<'data>,
    pub(super) personality: Option<&'data str>,
    pub(super) function_encoding: Encoding,
    pub(super) lsda_encoding: Option<Encoding>,
    /// Whether FDEs carry an augmentation length ("z").
    pub(super) augmented: bool,
}

/// The part of a CIE that goes into a patch as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Common<'data> {
    /// "S": frames of signal trampolines, whose return address is not that of a call.
    pub(super) signal: bool,
    pub(super) code_align: u64,
    pub(super) data_align: i64,
    pub(super) return_register: u8,
    pub(super) instructions: &'data [u8],
}

/// DWARF 5 section 6.4.1; LSB core "Exception Frames" for the augmentation letters.
pub(super) fn read<'data>(mut record: Record<'_, 'data>) -> Result<Cie<'data>, Error> {
    let version = record.byte()?;
    if version != 1 && version != 3 {
        return Err(record.unsupported("a CIE of this version"));
    }
    let augmentation = record.string()?;
    let code_align = record.uleb()?;
    let data_align = record.sleb()?;
    let return_register = if version == 1 {
        record.byte()?.into()
    } else {
        record.uleb()?
    };
    let return_register =
        u8::try_from(return_register).map_err(|_| record.unsupported("a return address column"))?;

    let (augmented, letters) = match augmentation.split_first() {
        None => (false, augmentation),
        Some((b'z', letters)) => (true, letters),
        Some(_) => return Err(record.unsupported("a CIE augmentation without length")),
    };
    let mut personality = None;
    let mut function_encoding = Encoding::ABSOLUTE;
    let mut lsda_encoding = None;
    let mut signal = false;
    if augmented {
        let augmentation_end = record.augmentation_end()?;
        for letter in letters {
            match letter {
                b'R' => {
                    function_encoding = record
                        .encoding()?
                        .ok_or_else(|| record.malformed("no FDE encoding"))?
                }
                b'L' => lsda_encoding = record.encoding()?,
                b'P' => personality = read_personality(&mut record)?,
                b'S' => signal = true,
                _ => return Err(record.unsupported("a CIE augmentation letter")),
            }
        }
        record.skip_to(augmentation_end)?;
    }
    if function_encoding.indirect || lsda_encoding.is_some_and(|encoding| encoding.indirect) {
        return Err(
            record.unsupported("an indirect pointer to code or a language-specific data area")
        );
    }
    let instructions = record.finish()?;
    Ok(Cie {
        common: Common {
            signal,
            code_align,
            data_align,
            return_register,
            instructions,
        },
        personality,
        function_encoding,
        lsda_encoding,
        augmented,
    })
}

/// Compilers reach the routine through `DW.ref.<name>`, a word in a COMDAT section that holds its address, or, in
/// code that is not position-independent, directly.
fn read_personality<'data>(record: &mut Record<'_, 'data>) -> Result<Option<&'data str>, Error> {
    let Some(encoding) = record.encoding()? else {
        return Ok(None);
    };
    let Some(target) = record.pointer(encoding)? else {
        return Ok(None);
    };
    let name = target.name(record)?;
    if !encoding.indirect {
        return Ok(Some(name));
    }
    let routine = name.strip_prefix("DW.ref.");
    routine
        .map(Some)
        .ok_or_else(|| record.unsupported("a personality slot that is not named DW.ref.*"))
}
