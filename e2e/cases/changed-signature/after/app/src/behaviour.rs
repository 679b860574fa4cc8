/// The rule is kept as a bare address, as a registry of callbacks would keep it.
pub struct Program {
    rule: usize,
}

pub fn start() -> Program {
    Program { rule: rule as *const () as usize }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        // SAFETY: `start` put the address of `rule` there, which has this type.
        let rule = unsafe { std::mem::transmute::<usize, fn(f64) -> f64>(self.rule) };
        rule(0.25).to_string()
    }
}

fn rule(value: f64) -> f64 {
    value + value
}
