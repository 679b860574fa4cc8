pub struct Program {
    small: fn(u8) -> String,
    large: fn(u64) -> String,
}

pub fn start() -> Program {
    Program { small: shown, large: shown }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        format!("{} {}", (self.small)(1), (self.large)(2))
    }
}

fn shown<T: std::fmt::Display>(value: T) -> String {
    format!("#{value}")
}
