pub struct Program {
    answers: u32,
}

pub fn start() -> Program {
    Program { answers: 0 }
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        if command == "leave" {
            std::process::exit(7);
        }
        self.answers += 1;
        format!("{} {}", self.answers, mid::price(command.len() as u32))
    }
}
