use std::sync::atomic::{AtomicPtr, Ordering};

/// Keeps rows where neither a type nor a vtable nor a function says so, one way at a time.
pub struct Program {
    rows: Vec<*mut ()>,
}

struct Slot(AtomicPtr<()>);

static SLOT: Slot = Slot(AtomicPtr::new(std::ptr::null_mut()));

struct Row {
    count: usize,
}

impl Row {
    fn of(line: &str) -> Row {
        Row { count: line.len() }
    }
}

fn keep(line: &str) {
    let row = Row::of(line);
    SLOT.0.store(Box::into_raw(Box::new(row)).cast(), Ordering::SeqCst);
}

pub fn start() -> Program {
    Program { rows: Vec::new() }
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        keep(line);
        self.rows.push(Box::into_raw(Box::new(Row::of(line))).cast());
        let last = SLOT.0.load(Ordering::SeqCst);
        let rows = self.rows.iter().copied().chain([last]);
        // What is in there is a row.
        let counts = rows.map(|row| unsafe { &*row.cast::<Row>() }.count);
        format!("{:?}", counts.collect::<Vec<_>>())
    }
}
