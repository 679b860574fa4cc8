pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        outer(line)
    }
}

#[inline(never)]
fn outer(line: &str) -> String {
    inner(line, 20)
}

#[inline(never)]
fn inner(line: &str, count: u32) -> String {
    let sum = count + 1;
    format!("{line} {sum}")
}
