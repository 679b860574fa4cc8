use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static TOTAL: AtomicU32 = AtomicU32::new(100);

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(10) };
}

struct Note {
    total: u32,
    calls: u32,
}

pub fn note(text: &str) -> String {
    let length = below::measure(text);
    CALLS.set(CALLS.get() + 1);
    let note = Note {
        total: TOTAL.fetch_add(length, Ordering::SeqCst) + length,
        calls: CALLS.get(),
    };
    let time = humantime::format_duration(Duration::from_secs(length.into()));
    format!("{} {} {time}", note.total, note.calls)
}

#[used]
#[unsafe(link_section = ".init_array")]
static STARTS: extern "C" fn() = starts;

extern "C" fn starts() {
    TOTAL.store(1000, Ordering::SeqCst);
}
