//! Where the threads of the program stand, and what they hold in registers, as far as it can be seen from outside.
#![forbid(unsafe_code)]

use std::io;
use std::time::{Duration, Instant};

use crate::debugger;
use crate::os::snapshot::{self, Request};
use crate::os::stop::Manner;
use crate::os::tasks::Tasks;
use crate::os::{stop, thread};
use crate::thread_state::{blocked_signals, blocks, words_in_kernel, PLACE};

#[derive(Debug, Clone)]
pub struct Standing {
    pub tid: i32,
    /// None when the thread could not be asked: it may stand anywhere and hold anything.
    pub seen: Option<Seen>,
}

#[derive(Debug, Clone)]
pub struct Seen {
    pub sp: usize,
    pub pc: usize,
    /// Registers, or what of them the kernel shows of a thread that waits: the arguments of its system call and the pc.
    pub words: Vec<usize>,
}

/// Looks at every thread but the calling one. Those that wait are not disturbed; those that run are asked by a signal,
/// which they answer within microseconds once they have a processor; who does not for as long as `patience` is given up.
pub fn everyone(tasks: &Tasks, patience: Duration) -> io::Result<Vec<Standing>> {
    let attached = debugger::is_attached();
    let signal = stop::prepare(Manner {
        hold: attached,
        quiet: attached,
    })?;
    let own = thread::id();
    let mut tids = Vec::new();
    tasks.list(|tid| tids.push(tid))?;
    let mut all = Vec::new();
    let others: Vec<i32> = tids.into_iter().filter(|tid| *tid != own).collect();
    for some in others.chunks(snapshot::OPEN_REQUESTS / 2) {
        let mut open: Vec<(i32, Option<Request>)> = some.iter().map(|tid| (*tid, None)).collect();
        let deadline = Instant::now() + patience;
        while !open.is_empty() && Instant::now() < deadline {
            open.retain_mut(|(tid, request)| match look(tasks, *tid, request, signal) {
                Look::Gone => false,
                Look::Seen(seen) => {
                    all.push(Standing {
                        tid: *tid,
                        seen: Some(seen),
                    });
                    false
                }
                Look::NotYet => true,
            });
            if !open.is_empty() {
                std::thread::sleep(Duration::from_micros(100));
            }
        }
        all.extend(open.iter().map(|(tid, _)| Standing {
            tid: *tid,
            seen: None,
        }));
    }
    Ok(all)
}

enum Look {
    Gone,
    Seen(Seen),
    NotYet,
}

fn look(tasks: &Tasks, tid: i32, request: &mut Option<Request>, signal: i32) -> Look {
    if let Some(snapshot) = request.and_then(snapshot::answer) {
        return Look::Seen(Seen {
            sp: snapshot.sp,
            pc: snapshot.pc,
            words: snapshot.registers.to_vec(),
        });
    }
    let mut buffer = [0; 256];
    let Some(text) = tasks.read(tid, PLACE, &mut buffer) else {
        return Look::Gone;
    };
    if let Some((words, sp, pc)) = words_in_kernel(text) {
        return Look::Seen(Seen { sp, pc, words });
    }
    let takes_it = || blocked_signals(tasks, tid).is_some_and(|set| !blocks(set, signal));
    if request.is_none() && takes_it() {
        *request = snapshot::ask(tid);
    }
    Look::NotYet
}
