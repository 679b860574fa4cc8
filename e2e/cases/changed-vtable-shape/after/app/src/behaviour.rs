pub struct Program {
    shape: Box<dyn Shape>,
}

trait Shape {
    fn name(&self) -> String;
    fn size(&self) -> u32;
}

struct Square(u32);

impl Shape for Square {
    fn name(&self) -> String {
        String::from("square")
    }

    fn size(&self) -> u32 {
        self.0 * self.0
    }
}

pub fn start() -> Program {
    Program { shape: Box::new(Square(3)) }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        format!("{} {}", self.shape.name(), self.shape.size())
    }
}
