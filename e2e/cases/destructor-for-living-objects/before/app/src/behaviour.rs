pub struct Program {
    parts: Vec<Box<dyn Part>>,
}

pub fn start() -> Program {
    Program { parts: vec![Box::new(Plain)] }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        self.parts[0].label()
    }
}

trait Part {
    fn label(&self) -> String;
}

struct Plain;

impl Part for Plain {
    fn label(&self) -> String {
        "plain".to_string()
    }
}
