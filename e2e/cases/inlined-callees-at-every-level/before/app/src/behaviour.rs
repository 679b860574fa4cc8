/// Made before any edit: they must reach the code of after it.
pub struct Program {
    calls: [fn(u32) -> u32; 9],
}

pub fn start() -> Program {
    let calls = [
        mid::within, mid::plain, mid::marked, mid::forced, mid::generic,
        plain, marked, forced, generic,
    ];
    Program { calls }
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        let amount = line.len() as u32;
        let all = self.calls.iter().map(|call| format!("{:x}", call(amount)));
        all.collect::<Vec<_>>().join(" ")
    }
}

#[inline(never)]
fn plain(amount: u32) -> u32 {
    leaf::plain(amount) ^ 0x4000
}

#[inline(never)]
fn marked(amount: u32) -> u32 {
    leaf::marked(amount) ^ 0x4000
}

#[inline(never)]
fn forced(amount: u32) -> u32 {
    leaf::forced(amount) ^ 0x4000
}

#[inline(never)]
fn generic(amount: u32) -> u32 {
    leaf::generic(amount as u16) ^ 0x4000
}
