use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

type Work = Pin<Box<dyn Future<Output = String>>>;

/// Polls its future once a line, and begins another when it is done.
pub struct Program {
    work: Option<Work>,
}

pub fn start() -> Program {
    Program { work: None }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        let work = self.work.get_or_insert_with(begin);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => String::from("pending"),
            Poll::Ready(text) => {
                self.work = None;
                text
            }
        }
    }
}

fn begin() -> Work {
    Box::pin(task(7))
}

async fn task(number: u32) -> String {
    step(number).await
}

async fn step(number: u32) -> String {
    Once(false).await;
    format!("old {number}")
}

struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
