use std::fmt;

/// Why an image cannot be laid out or written. All but `TooLarge` are mistakes of the caller, not of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Sizes add up to more than a patch window of 2 GiB can hold.
    TooLarge,
    /// An alignment that is not a power of two, or is larger than a page.
    Alignment { block: String, align: u64 },
    /// `what` was given with another size or count than the spec announced.
    Mismatch {
        what: String,
        announced: u64,
        given: u64,
    },
    /// An index in a symbol, relocation or block list that leads nowhere.
    Dangling { what: String, index: usize },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::TooLarge => write!(
                out,
                "the patch image would be larger than 2 GiB: patch fewer functions at once"
            ),
            Error::Alignment { block, align } => write!(
                out,
                "{block} asks for an alignment of {align} bytes: a patch image allows powers of two up to 4096"
            ),
            Error::Mismatch {
                what,
                announced,
                given,
            } => write!(
                out,
                "{what}: the layout was made for {announced}, but {given} came: lay the image out again"
            ),
            Error::Dangling { what, index } => {
                write!(out, "{what} {index} does not exist in this image: lay the image out again")
            }
        }
    }
}

impl std::error::Error for Error {}
