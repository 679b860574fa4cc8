//! A limit of time for work during which threads of the program are held.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

/// Counts time in steps of at most [`STEP`]: while a debugger stops the program, none passes.
pub struct Patience {
    limit: Duration,
    last: Instant,
    spent: Duration,
}

const STEP: Duration = Duration::from_millis(100);

impl Patience {
    /// Begins to count.
    pub fn of(limit: Duration) -> Self {
        Self {
            limit,
            last: Instant::now(),
            spent: Duration::ZERO,
        }
    }

    /// Whether the limit has passed. To be asked at least every [`STEP`].
    pub fn is_over(&mut self) -> bool {
        let now = Instant::now();
        self.spent += now.duration_since(self.last).min(STEP);
        self.last = now;
        self.spent > self.limit
    }
}
