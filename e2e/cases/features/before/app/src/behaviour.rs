pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        String::from(reply(command))
    }
}

#[cfg(all(feature = "loud", not(feature = "plain")))]
fn reply(_: &str) -> &'static str {
    "LOUD"
}

#[cfg(not(feature = "loud"))]
fn reply(_: &str) -> &'static str {
    "plain"
}
