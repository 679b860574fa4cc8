pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, name: &str) -> String {
        format!("{}!", app::greeting(name))
    }
}
