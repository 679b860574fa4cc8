use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    static HITS_OF_THIS_THREAD: Cell<u64> = const { Cell::new(0) };
}

#[derive(Clone)]
pub struct State {
    hits: Arc<AtomicU64>,
}

impl State {
    pub fn new() -> Self {
        State {
            hits: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Counts one hit and gives the number of hits so far, this one included.
    pub fn hit(&self) -> u64 {
        HITS_OF_THIS_THREAD.set(HITS_OF_THIS_THREAD.get() + 1);
        self.hits.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub fn hits_of_this_thread(&self) -> u64 {
        HITS_OF_THIS_THREAD.get()
    }
}
