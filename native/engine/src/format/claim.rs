//! What a file says that it holds must fit into it: a damaged one could name the same bytes for thousands of sections,
//! and reading each would take more memory and time than there is.

/// What has been claimed of a file so far.
pub(super) struct Claim {
    size: usize,
    bytes: usize,
    names: usize,
}

/// Names may share their ends (`.text.f` and `f`), so together they can be longer than the tables that hold them, in
/// what compilers write by two or three times.
const SHARED: usize = 16;

impl Claim {
    /// Of a file of `size` bytes.
    pub(super) fn of(size: usize) -> Claim {
        Claim {
            size,
            bytes: 0,
            names: 0,
        }
    }

    /// The contents of one more section. gABI "Sections": no byte of a file is in more than one.
    pub(super) fn bytes(&mut self, count: usize) -> Result<(), &'static str> {
        self.bytes = self.bytes.saturating_add(count);
        if self.bytes > self.size {
            return Err("damaged: its sections overlap");
        }
        Ok(())
    }

    pub(super) fn name(&mut self, name: &[u8]) -> Result<(), &'static str> {
        self.names = self.names.saturating_add(name.len());
        if self.names / SHARED > self.size {
            return Err("damaged: its names overlap");
        }
        Ok(())
    }
}
