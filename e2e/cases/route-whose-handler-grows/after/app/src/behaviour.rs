use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

type Work = Pin<Box<dyn Future<Output = String>>>;

/// As web frameworks have it: a route is made of a handler at the start, and makes a future of it for each request.
trait Route {
    fn call(&self, number: u32) -> Work;
}

struct Handled<H> {
    handler: H,
}

impl<H: Fn(u32) -> F + Copy + 'static, F: Future<Output = String> + 'static> Route for Handled<H> {
    fn call(&self, number: u32) -> Work {
        let handler = self.handler;
        Box::pin(async move { handler(number).await })
    }
}

/// The same with a pointer to a handler.
struct Pointed<F> {
    handler: fn(u32) -> F,
}

impl<F: Future<Output = String> + 'static> Route for Pointed<F> {
    fn call(&self, number: u32) -> Work {
        let handler = self.handler;
        Box::pin(async move { handler(number).await })
    }
}

pub struct Program {
    itself: Box<dyn Route>,
    pointer: Box<dyn Route>,
    works: Vec<Work>,
}

pub fn start() -> Program {
    Program {
        itself: Box::new(Handled { handler: hello }),
        pointer: Box::new(Pointed { handler: hello }),
        works: Vec::new(),
    }
}

impl Program {
    /// `itself` and `pointer` are requests, `go` lets the oldest one under way go on, `drop` gives it up.
    pub fn answer(&mut self, line: &str) -> String {
        let work = match line {
            "itself" => self.itself.call(1),
            "pointer" => self.pointer.call(2),
            _ => self.works.remove(0),
        };
        match line {
            "drop" => drop(work),
            _ => return self.poll(work),
        }
        format!("{} tokens live", LIVE.load(Ordering::Relaxed))
    }

    fn poll(&mut self, mut work: Work) -> String {
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(text) => text,
            Poll::Pending => {
                self.works.push(work);
                String::from("pending")
            }
        }
    }
}

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Its destructor counts: one that is not run, or run for what is none, is seen.
struct Token(Box<u32>);

impl Token {
    fn new(number: u32) -> Token {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Token(Box::new(number))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn hello(number: u32) -> String {
    let held = [number, number + 1, number + 2];
    let token = Token::new(number);
    let other = Token::new(number + 10);
    Once(false).await;
    format!("new {} {} of {held:?}", token.0, other.0)
}

struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
