use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};

thread_local!(static NOTES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });

fn note(text: impl Into<String>) {
    NOTES.with_borrow_mut(|notes| notes.push(text.into()));
}

struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        note(self.0);
    }
}

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        NOTES.take();
        let _ = catch_unwind(AssertUnwindSafe(|| top(line)));
        NOTES.take().join(" ")
    }
}

// top and low are patched, middle and bottom never: every other frame is new.
#[inline(never)]
fn top(line: &str) {
    let _guard = Guard("top0");
    middle(&|| low(line));
}

#[inline(never)]
fn middle(next: &dyn Fn()) {
    let _guard = Guard("middle");
    next();
}

#[inline(never)]
fn low(line: &str) {
    let _guard = Guard("low0");
    let caught = catch_unwind(AssertUnwindSafe(|| bottom("inner")));
    note(if caught.is_err() { "caught" } else { "missed" });
    bottom(line);
}

#[inline(never)]
fn bottom(line: &str) {
    let _guard = Guard("bottom");
    if line == "trace" {
        note(frames(&Backtrace::force_capture()));
    } else {
        std::panic::resume_unwind(Box::new(()));
    }
}

/// Names and lines of this file's frames, the innermost first.
fn frames(trace: &Backtrace) -> String {
    let text = trace.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let own = lines.windows(2).filter_map(|pair| {
        let name = pair[0].split_once(": app::behaviour::")?.1;
        let line = pair[1].rsplit("behaviour.rs:").next()?.split(':').next()?;
        ["top", "middle", "low", "bottom"].contains(&name).then(|| format!("{name}:{line}"))
    });
    own.collect::<Vec<_>>().join(",")
}
