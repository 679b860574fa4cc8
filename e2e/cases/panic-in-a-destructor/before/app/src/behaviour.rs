use std::panic::catch_unwind;

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        match catch_unwind(|| outer(command)) {
            Ok(text) => text,
            Err(_) => String::from("caught"),
        }
    }
}

struct Guard {
    is_bad: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.is_bad && std::thread::panicking() {
            panic!("a second one");
        }
    }
}

#[inline(never)]
fn outer(command: &str) -> String {
    let _guard = Guard { is_bad: command == "bad" };
    inner(command)
}

#[inline(never)]
fn inner(command: &str) -> String {
    if command == "calm" {
        return String::from("calm");
    }
    panic!("the first one");
}
