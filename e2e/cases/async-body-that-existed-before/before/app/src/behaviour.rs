use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Holds one future for the whole of its life and polls it once a line.
pub struct Program {
    future: Pin<Box<dyn Future<Output = String>>>,
}

pub fn start() -> Program {
    Program { future: Box::pin(count()) }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        match self.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => format!("pending {}", counted()),
            Poll::Ready(text) => text,
        }
    }
}

async fn count() -> String {
    for round in 1..3u32 {
        note(round);
        Once(false).await;
    }
    String::from("old end")
}

thread_local! {
    static COUNTED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

fn note(round: u32) {
    COUNTED.set(round);
}

fn counted() -> u32 {
    COUNTED.get()
}

struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
