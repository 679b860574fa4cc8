use std::panic::{Location, catch_unwind, set_hook};
use std::sync::Mutex;

static LAST: Mutex<String> = Mutex::new(String::new());

/// `stored` was asked for before any edit.
pub struct Program {
    stored: &'static Location<'static>,
}

pub fn start() -> Program {
    set_hook(Box::new(|panic| *LAST.lock().unwrap() = panic.location().map(short).unwrap_or_default()));
    Program { stored: mine() }
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        match line {
            "stored" => short(self.stored),
            "mine" => short(mine()),
            "told" => told(),
            "tracked" => fails(|| checked(&[], 0)),
            "index" => fails(|| index(&[], 0)),
            _ => fails(|| overflow(u32::MAX)),
        }
    }
}

fn mine() -> &'static Location<'static> {
    Location::caller()
}

fn told() -> String {
    format!("{}:{}:{}", &file!()[file!().len() - 12..], line!(), column!())
}

fn checked(values: &[u32], at: usize) -> u32 {
    demand(at < values.len());
    values[at]
}

fn index(values: &[u32], at: usize) -> u32 {
    values[at]
}

fn overflow(value: u32) -> u32 {
    value + 1
}

#[track_caller]
fn demand(holds: bool) {
    if !holds {
        panic!("on purpose")
    }
}

fn fails(body: impl Fn() -> u32 + std::panic::UnwindSafe) -> String {
    catch_unwind(body).ok();
    LAST.lock().unwrap().clone()
}

fn short(location: &Location) -> String {
    let file = location.file();
    format!("{}:{}:{}", &file[file.len() - 12..], location.line(), location.column())
}
