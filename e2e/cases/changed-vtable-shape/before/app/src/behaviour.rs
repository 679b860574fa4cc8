pub struct Program {
    shape: Box<dyn Shape>,
}

trait Shape {
    fn size(&self) -> u32;
    fn unit(&self) -> u32;
    fn name(&self) -> String;
}

struct Square(u32);

impl Shape for Square {
    fn size(&self) -> u32 {
        self.0 * self.0
    }

    fn unit(&self) -> u32 {
        self.0 + 4
    }

    fn name(&self) -> String {
        String::from("square")
    }
}

pub fn start() -> Program {
    Program { shape: Box::new(Square(3)) }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        format!("{} {} {}", self.shape.name(), self.shape.size(), self.shape.unit())
    }
}
