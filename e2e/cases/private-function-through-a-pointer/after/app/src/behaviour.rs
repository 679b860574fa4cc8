pub struct Program {
    rule: fn(u32) -> u32,
}

pub fn start() -> Program {
    Program { rule: tenfold }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        (self.rule)(4).to_string()
    }
}

fn tenfold(value: u32) -> u32 {
    value * 11
}
