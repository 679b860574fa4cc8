use std::ptr;
use std::task::{RawWaker, RawWakerVTable, Waker};

pub struct Program {
    first: Waker,
}

struct Task;

impl Task {
    const METHODS: RawWakerVTable = RawWakerVTable::new(Self::clone, Self::wake, Self::wake, Self::wake);

    fn poll(shown: &str) -> Waker {
        let _ = shown.len();
        unsafe { Waker::from_raw(RawWaker::new(ptr::null(), &Self::METHODS)) }
    }

    unsafe fn clone(task: *const ()) -> RawWaker {
        RawWaker::new(task, &Self::METHODS)
    }

    unsafe fn wake(_: *const ()) {}
}

pub fn start() -> Program {
    Program {
        first: Task::poll(""),
    }
}

impl Program {
    pub fn answer(&mut self, command: &str) -> String {
        let waker = Task::poll(command);
        let wakes_as = |other: &Waker| if waker.will_wake(other) { "same" } else { "other" };
        format!("{} {}", wakes_as(&waker.clone()), wakes_as(&self.first))
    }
}
