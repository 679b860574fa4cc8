pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        format!("{} {} {}", leaf::first_name(), leaf::NAMES[1], mid::price(leaf::FACTOR))
    }
}
