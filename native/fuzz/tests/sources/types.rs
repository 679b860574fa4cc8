//! Types, traits, generics, enums, futures.
use std::future::Future;

pub trait Shape {
    fn area(&self) -> u32;
    fn name(&self) -> &'static str;
}
pub struct Square {
    side: u32,
    kind: Kind,
}
#[derive(Clone, Copy)]
pub enum Kind {
    Plain,
    Framed { by: u8 },
    Filled(u16, i64),
    //+ Empty,
}
pub union Word {
    whole: u32,
    bytes: [u8; 4],
}
impl Shape for Square {
    fn area(&self) -> u32 {
        //+ if self.side == 0 { return 1; }
        self.side * self.side
    }
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Plain => "square",
            Kind::Framed { .. } => "framed",
            Kind::Filled(..) => "filled",
            //+ Kind::Empty => "empty",
        }
    }
}

fn largest<T: Copy + PartialOrd>(list: &[T]) -> Option<T> {
    let mut list = list.iter().copied();
    let mut best = list.next()?;
    for next in list {
        if next > best {
            best = next;
        }
    }
    Some(best)
}

pub async fn wait(word: Word, other: impl Future<Output = u32>) -> u32 {
    let kept = unsafe { word.whole };
    //+ let twice = kept * 2;
    let got = other.await;
    //+ let got = got + twice;
    kept + got
}

#[no_mangle]
pub fn run(shape: &dyn Shape, list: &[u64]) -> u32 {
    let mut waiting = Box::pin(wait(Word { bytes: [1; 4] }, std::future::ready(3)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let ready = waiting.as_mut().poll(&mut context).is_ready();
    shape.area() + largest(list).unwrap_or(0) as u32 + u32::from(ready)
}

#[no_mangle]
pub fn make(side: u32) -> Box<dyn Shape> {
    Box::new(Square {
        side,
        kind: Kind::Filled(side as u16, 5),
    })
}
