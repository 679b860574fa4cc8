use std::cell::Cell;

thread_local! {
    static OLD: Cell<u32> = const { Cell::new(1) };
    static NEW: Cell<u32> = const { Cell::new(41) };
}

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        match command {
            "main" => counted(),
            _ => std::thread::spawn(counted).join().unwrap_or_default(),
        }
    }
}

fn counted() -> String {
    OLD.set(OLD.get() + 1);
    NEW.set(NEW.get() + 1);
    format!("{} {}", OLD.get(), NEW.get())
}
