use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread::JoinHandle;

static DROPPED: AtomicU32 = AtomicU32::new(0);

struct Guard(u32);

impl Drop for Guard {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

thread_local! {
    static LAZY: RefCell<Guard> = RefCell::new(Guard(10));
    static CONST: RefCell<Guard> = const { RefCell::new(Guard(20)) };
    static ZERO: Cell<u64> = const { Cell::new(0) };
    static SET: Cell<u64> = const { Cell::new(30) };
    static MADE: Cell<u64> = Cell::new(made());
}

pub struct Program {
    ask: Option<Sender<()>>,
    told: Receiver<String>,
    thread: Option<JoinHandle<()>>,
}

pub fn start() -> Program {
    let (ask, asked) = channel();
    let (tell, told) = channel();
    let thread = std::thread::spawn(move || {
        for () in asked {
            let _ = tell.send(counted());
        }
    });
    Program { ask: Some(ask), told, thread: Some(thread) }
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        match command {
            "main" => counted(),
            "old" => {
                let _ = self.ask.as_ref().map(|ask| ask.send(()));
                self.told.recv().unwrap_or_default()
            }
            "young" => std::thread::spawn(counted).join().unwrap_or_default(),
            _ => {
                self.ask = None;
                let _ = self.thread.take().map(JoinHandle::join);
                DROPPED.load(Ordering::SeqCst).to_string()
            }
        }
    }
}

fn made() -> u64 {
    40
}

fn counted() -> String {
    let dropped = DROPPED.load(Ordering::SeqCst);
    let next = |guard: &mut Guard| {
        guard.0 += 1;
        guard.0
    };
    let (lazy, constant) = (LAZY.with_borrow_mut(next), CONST.with_borrow_mut(next));
    ZERO.set(ZERO.get() + 1);
    SET.set(SET.get() + 1);
    MADE.set(MADE.get() + 1);
    format!("{lazy} {constant} {} {} {} dropped {dropped}", ZERO.get(), SET.get(), MADE.get())
}
