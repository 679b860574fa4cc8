pub struct Command {
    pub name: &'static str,
    pub run: fn(u32) -> u32,
}

pub static GRID: &[&[u32]] = &[&[1, 2], &[10, 20, 30]];

pub static COMMANDS: &[Command] = &[
    Command { name: "double", run: double },
    Command { name: "square", run: square },
];

#[inline(never)]
pub fn double(n: u32) -> u32 {
    n + n
}

#[inline(never)]
pub fn square(n: u32) -> u32 {
    n * n
}

#[inline(never)]
pub fn cube(n: u32) -> u32 {
    n * n * n
}
