pub struct Program {
    answers: u32,
}

pub fn start() -> Program {
    Program { answers: 0 }
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        self.answers += 1;
        if command == "crash" {
            return crash(16).to_string();
        }
        format!("{} {}", self.answers, mid::price(command.len() as u32))
    }
}

fn crash(at: usize) -> u32 {
    unsafe { *(at as *const u32) }
}
