pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        let at = command.len();
        match command {
            "words" => words(),
            "ranges" => ranges(),
            "files" => files(),
            "floats" => floats(at),
            _ => code(at),
        }
    }
}

#[inline(never)]
fn words() -> String {
    leaf::WORDS.join(" ")
}

#[inline(never)]
fn ranges() -> String {
    format!("{:?}", leaf::RANGES)
}

#[inline(never)]
fn files() -> String {
    format!("{} {:?}", leaf::TEXT, leaf::BYTES)
}

#[inline(never)]
fn floats(at: usize) -> String {
    format!("{} {}", leaf::RATIO * at as f64, leaf::ROW[at % 4])
}

#[inline(never)]
fn code(at: usize) -> String {
    format!("{} {} {:?}", leaf::looked_up(at), leaf::scaled(at as f64), leaf::promoted())
}
