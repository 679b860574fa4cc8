use std::sync::atomic::{AtomicU32, Ordering};

static STARTED: AtomicU32 = AtomicU32::new(0);

#[ctor::ctor]
fn first() {
    STARTED.fetch_add(1, Ordering::SeqCst);
}

pub struct Plugin(&'static str);
inventory::collect!(Plugin);
inventory::submit! { Plugin("red") }
inventory::submit! { Plugin("blue") }

#[linkme::distributed_slice]
static COMMANDS: [fn() -> u32];
#[linkme::distributed_slice(COMMANDS)]
static ONE: fn() -> u32 = || 1;
#[linkme::distributed_slice(COMMANDS)]
static TWO: fn() -> u32 = || 2;

pub struct Program;

pub fn start() -> Program {
    Program
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        listed()
    }
}

fn listed() -> String {
    let mut plugins: Vec<&str> = inventory::iter::<Plugin>.into_iter().map(|p| p.0).collect();
    plugins.sort();
    let mut commands: Vec<u32> = COMMANDS.iter().map(|command| command()).collect();
    commands.sort();
    format!("{} {} {commands:?}", STARTED.load(Ordering::SeqCst), plugins.join("+"))
}
