mod home;
mod other;

pub struct Program {
    shown: fn(u32) -> String,
}

pub fn start() -> Program {
    Program { shown: home::shown }
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        let amount = line.len() as u32;
        format!("{} {} {}", (self.shown)(amount), other::asks(amount), home::shown(amount))
    }
}
