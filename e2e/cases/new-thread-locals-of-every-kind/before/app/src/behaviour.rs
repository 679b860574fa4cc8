use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread::JoinHandle;

static DROPPED: AtomicU32 = AtomicU32::new(0);

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

fn counted() -> String {
    format!("none {}", DROPPED.load(Ordering::SeqCst))
}
