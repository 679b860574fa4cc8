pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        match command {
            "grid" => grid(command.len()),
            "run" => run(command.len()),
            _ => first(command.len()),
        }
    }
}

#[inline(never)]
fn grid(at: usize) -> String {
    format!("{:?} {}", leaf::GRID, leaf::GRID[at % 2].len())
}

#[inline(never)]
fn run(at: usize) -> String {
    let amount = at as u32 + 1;
    let all = leaf::COMMANDS.iter().map(|c| format!("{} {}", c.name, (c.run)(amount)));
    all.collect::<Vec<_>>().join(", ")
}

#[inline(never)]
fn first(at: usize) -> String {
    leaf::COMMANDS[at % 1].name.into()
}
