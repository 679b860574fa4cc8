pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        match command {
            "leave" => std::process::exit(7),
            _ => mid::price(1).to_string(),
        }
    }
}
