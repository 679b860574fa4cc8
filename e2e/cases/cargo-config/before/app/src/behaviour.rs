#[cfg(not(flagged))]
compile_error!("the flags of .cargo/config.toml are missing");

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        format!("{} {}", reply(command), env!("WORD"))
    }
}

#[cfg(flagged)]
fn reply(_: &str) -> &'static str {
    "flagged"
}
