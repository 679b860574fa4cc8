pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        joined(&arguments)
    }
}

fn joined(arguments: &[String]) -> String {
    arguments.join("|")
}
