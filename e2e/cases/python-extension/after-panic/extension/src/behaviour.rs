use std::cell::{Cell, RefCell};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);
static FIRST: OnceLock<String> = OnceLock::new();
thread_local! {
    static HERE: Cell<u32> = const { Cell::new(0) };
    /// More than the C library keeps free.
    static LARGE: Cell<[u64; 1000]> = const { Cell::new([7; 1000]) };
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Order {
    number: u32,
}

thread_local! {
    static TWICE: Cell<u32> = const { Cell::new(40) };
}

pub fn answer(line: &str) -> String {
    let number = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    FIRST.get_or_init(|| line.to_owned());
    HERE.set(HERE.get() + 1);
    LINES.with_borrow_mut(|lines| lines.push(line.to_owned()));
    assert_eq!(LARGE.get()[999], 7);
    reply(&Order { number })
}

fn reply(order: &Order) -> String {
    let lines = LINES.with_borrow(joined);
    let first = FIRST.get().unwrap().clone();
    assert!(lines.len() < 5, "too many for {first}");
    TWICE.set(TWICE.get() + 2);
    format!("{} {} {first} {lines} {}", order.number, HERE.get(), TWICE.get())
}

fn joined(lines: &Vec<String>) -> String {
    lines.join("")
}
