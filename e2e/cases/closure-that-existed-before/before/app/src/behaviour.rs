pub struct Program {
    rule: Box<dyn Fn(u32) -> u32>,
}

pub fn start() -> Program {
    Program { rule: rule(3) }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        (self.rule)(4).to_string()
    }
}

fn rule(factor: u32) -> Box<dyn Fn(u32) -> u32> {
    Box::new(move |value| value * factor + 1)
}
