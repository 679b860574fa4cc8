use std::fmt;
use std::sync::mpsc::{channel, Sender};
use std::thread;

/// Keeps rows where no type says so, one way at a time.
pub struct Program {
    objects: Vec<Box<dyn fmt::Display>>,
    threads: Vec<Sender<()>>,
}

struct Row {
    count: usize,
}

impl Row {
    fn of(line: &str) -> Row {
        Row { count: line.len() }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.count)
    }
}

/// Has a row in its frame for as long as the thread lives.
fn keep(line: String, ready: Sender<()>, end: std::sync::mpsc::Receiver<()>) {
    let row = Row::of(&line);
    ready.send(()).ok();
    end.recv().ok();
    println!("{row}");
}

pub fn start() -> Program {
    Program { objects: Vec::new(), threads: Vec::new() }
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        match line {
            "object" => self.objects.push(Box::new(Row::of(line))),
            "thread" => {
                let (ready, is_ready) = channel();
                let (sender, end) = channel();
                let line = line.to_owned();
                thread::spawn(move || keep(line, ready, end));
                is_ready.recv().ok();
                self.threads.push(sender);
            }
            _ => {}
        }
        let all = self.objects.iter().map(ToString::to_string);
        format!("{:?} and {}", all.collect::<Vec<_>>(), self.threads.len())
    }
}
