use std::fmt;

/// Why an object's unwind table cannot be read, or a patch's not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The bytes at `offset` of `.eh_frame` are not what the format allows.
    Malformed { offset: u64, what: &'static str },
    /// Well-formed, but a form that no compiler emits for code that we patch.
    Unsupported { offset: u64, what: &'static str },
    /// No slot holds the address of this personality routine.
    Personality { name: String },
    /// A frame has an LSDA and no address was given for it, or the other way round.
    Lsda { address: u64 },
    /// A target lies more than 2 GiB from the unwind table.
    OutOfRange { from: u64, to: u64 },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Malformed { offset, what } => {
                write!(out, ".eh_frame at {offset:#x}: {what}: compile the crate again")
            }
            Error::Unsupported { offset, what } => write!(
                out,
                ".eh_frame at {offset:#x}: {what} is not supported: restart the program to run this change"
            ),
            Error::Personality { name } => {
                write!(out, "no address slot for the personality routine {name}: reserve one in the image")
            }
            Error::Lsda { address } => write!(
                out,
                "the function at {address:#x} and its frame disagree about a language-specific data area: place both"
            ),
            Error::OutOfRange { from, to } => write!(
                out,
                "the unwind table at {from:#x} cannot reach {to:#x} in 32 bits: lay the image out within 2 GiB"
            ),
        }
    }
}

impl std::error::Error for Error {}
