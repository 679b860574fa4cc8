//! A Rust program of the `dev` profile: patched code panics through it, and backtraces name patched functions.
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::io::BufRead;
use std::panic::catch_unwind;
use std::sync::Mutex;

thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });

#[no_mangle]
#[inline(never)]
extern "C-unwind" fn answer() -> i32 {
    COUNT.set(COUNT.get() + 1);
    0
}

#[no_mangle]
#[inline(never)]
extern "C-unwind" fn raise() -> i32 {
    COUNT.set(COUNT.get() + 1);
    panic!("raised")
}

#[no_mangle]
#[inline(never)]
extern "C-unwind" fn trace() -> i32 {
    score(&Backtrace::force_capture())
}

static REMEMBERED: Mutex<Option<Backtrace>> = Mutex::new(None);

/// Addresses alone: what they are called is found out when they are shown.
#[no_mangle]
#[inline(never)]
extern "C-unwind" fn remember() -> i32 {
    *REMEMBERED.lock().unwrap() = Some(Backtrace::force_capture());
    0
}

fn score(trace: &Backtrace) -> i32 {
    let trace = trace.to_string();
    i32::from(trace.contains("new_answer")) + 2 * i32::from(trace.contains("patch.c:"))
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    // The list of modules is taken here, before there is any patch.
    let _ = Backtrace::force_capture().to_string();
    for line in std::io::stdin().lock().lines() {
        if line.unwrap() == "show" {
            println!("{:?}", REMEMBERED.lock().unwrap().as_ref().map(score));
            continue;
        }
        let result = catch_unwind(|| answer());
        println!("{} {}", result.map_or("panic".into(), |value| value.to_string()), COUNT.get());
    }
    // Never true: keeps them in the program.
    if COUNT.get() == u32::MAX {
        println!("{} {} {}", raise(), trace(), remember());
    }
}
