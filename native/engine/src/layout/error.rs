//! Why a unit's debug information cannot serve the layout gate.

use std::fmt;

/// One sentence each, to follow the name of the object: what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no `.debug_info`.
    NoDebugInfo,
    /// The unit's types lie in a `.dwo` file.
    Split,
    /// The named debug section is compressed.
    Compressed(String),
    /// The debug sections contradict the format or themselves; the text says where.
    Malformed(String),
}

impl Error {
    pub(super) fn malformed(what: impl fmt::Display) -> Self {
        Error::Malformed(what.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoDebugInfo => f.write_str("has no debug information, so type layouts cannot be compared; compile it with `debug = 2`"),
            Error::Split => f.write_str("keeps its debug information in a .dwo file; set `split-debuginfo = \"off\"`"),
            Error::Compressed(section) => {
                write!(f, "section {section} is compressed; compile it without compressed debug sections")
            }
            Error::Malformed(what) => write!(f, "debug information is malformed ({what}); compile the unit again"),
        }
    }
}

impl std::error::Error for Error {}

impl From<gimli::Error> for Error {
    fn from(error: gimli::Error) -> Self {
        Error::malformed(error)
    }
}

impl From<object::Error> for Error {
    fn from(error: object::Error) -> Self {
        Error::malformed(error)
    }
}
