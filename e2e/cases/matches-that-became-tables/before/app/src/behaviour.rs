pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        match command.strip_prefix("of ") {
            Some(_) => generic(command),
            None => plain(command.len()),
        }
    }
}

#[inline(never)]
fn plain(at: usize) -> String {
    format!("{} {} {}", leaf::looked_up(at), leaf::named(at), leaf::acted(at))
}

#[inline(never)]
fn generic(command: &str) -> String {
    leaf::of(command).to_string()
}
