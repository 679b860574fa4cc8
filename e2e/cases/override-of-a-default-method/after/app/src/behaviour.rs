pub struct Program {
    parts: Vec<Box<dyn Part>>,
}

pub fn start() -> Program {
    Program { parts: vec![Box::new(Plain), Box::new(Other)] }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        let labels: Vec<String> = self.parts.iter().map(|part| part.label()).collect();
        labels.join(" ")
    }
}

trait Part {
    fn label(&self) -> String {
        "part".to_string()
    }
}

struct Plain;

struct Other;

impl Part for Plain {
    fn label(&self) -> String {
        "plain".to_string()
    }
}

impl Part for Other {}
