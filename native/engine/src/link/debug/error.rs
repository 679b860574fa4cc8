use std::fmt;

/// Why an object's debug sections cannot go into a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub object: String,
    pub section: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The section table, symbol table or section's bytes cannot be read.
    Unreadable,
    /// `SHF_COMPRESSED`.
    Compressed,
    /// A relocation at `offset` lies outside of the section or names a symbol that does not exist.
    Relocation { offset: u64 },
    /// A relocation kind that has no meaning in a debug section.
    Kind { offset: u64, kind: u32 },
    /// The value does not fit into the relocated field.
    Overflow { offset: u64 },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error {
            object,
            section,
            problem,
        } = self;
        match problem {
            Problem::Unreadable => write!(out, "{object}: {section} cannot be read: compile the crate again"),
            Problem::Compressed => write!(
                out,
                "{object}: {section} is compressed: compile without -Zdebuginfo-compression"
            ),
            Problem::Relocation { offset } => write!(
                out,
                "{object}: {section}+{offset:#x} has a relocation that leads nowhere: compile the crate again"
            ),
            Problem::Kind { offset, kind } => write!(
                out,
                "{object}: {section}+{offset:#x} has a relocation of kind {kind}, which debug sections do not use: \
                 compile the crate again"
            ),
            Problem::Overflow { offset } => write!(
                out,
                "{object}: {section}+{offset:#x} would be past 4 GiB: patch fewer functions at once"
            ),
        }
    }
}

impl std::error::Error for Error {}
