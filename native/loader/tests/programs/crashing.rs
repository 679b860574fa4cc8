//! Dies in every way in which a Rust program can.
use std::io::BufRead;

#[no_mangle]
#[inline(never)]
extern "C" fn value() -> i32 {
    0
}

#[inline(never)]
fn descend(depth: &mut u64) -> u64 {
    let mut room = [0u8; 4096];
    room[*depth as usize % 4096] = 1;
    *depth += 1;
    descend(&mut *depth) + u64::from(std::hint::black_box(room)[7])
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        match line.unwrap().as_str() {
            "abort" => std::process::abort(),
            "overflow" => println!("{}", descend(&mut 0)),
            "thread" => {
                let thread = std::thread::Builder::new().name("a \"worker\"".into());
                let _ = thread.spawn(|| println!("{}", value())).unwrap().join();
            }
            _ => println!("{}", value()),
        }
    }
}
