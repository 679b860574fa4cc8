//! What an edit of a future or closure redirects while old ones are alive.

#[path = "support/program.rs"]
mod program;

use program::{codes, message, names, Program};

/// A server in small: a route is made of a handler and held as an object, as web frameworks have it.
const SERVER: &str = r#"
use std::future::Future;
use std::pin::{pin, Pin};
use std::task::{Context, Poll, Waker};
type Work = Pin<Box<dyn Future<Output = usize>>>;
trait Route { fn call(&self, number: u32) -> Work; }
struct Handled<H> { handler: H }
impl<H: Fn(u32) -> F + Copy + 'static, F: Future<Output = String> + 'static> Route for Handled<H> {
    fn call(&self, number: u32) -> Work {
        let handler = self.handler;
        Box::pin(async move { handler(number).await.len() })
    }
}
struct Once(bool);
impl Future for Once {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
async fn hello(number: u32) -> String {
    let name = format!("number {number}");
    Once(false).await;
    name
}
fn route() -> Box<dyn Route> { Box::new(Handled { handler: HANDLER }) }
fn run(route: &dyn Route) -> usize {
    let mut work = pin!(route.call(7));
    loop {
        if let Poll::Ready(length) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) { return length }
    }
}
fn main() { println!("{}", run(&*route())); }
"#;

const GROWN: (&str, &str) = (
    "Once(false).await;\n    name",
    "let more = [number; 9];\n    Once(false).await;\n    format!(\"{name} of {more:?}\")",
);

fn server(handler: &str) -> String {
    SERVER.replace("HANDLER", handler)
}

fn grown(source: &str) -> String {
    assert!(source.contains(GROWN.0));
    source.replace(GROWN.0, GROWN.1)
}

const CALL: &str = "<app::Handled<H> as app::Route>::call";

#[test]
fn a_route_that_holds_a_handler_itself_makes_new_futures() {
    let source = server("hello");
    let answer = Program::new("route-of-an-item", &source).diff(&grown(&source));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(names(&answer, "changed"), [CALL]);
}

#[test]
fn a_route_that_holds_a_pointer_to_a_handler_goes_on_making_old_futures() {
    // Old pointers lead to the old handler, whose futures old code must finish.
    let source = server("hello as fn(u32) -> _");
    let answer = Program::new("route-of-a-pointer", &source).diff(&grown(&source));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(names(&answer, "changed"), ["app::route"]);
}

#[test]
fn old_futures_are_dropped_by_old_code() {
    for (name, flags) in [
        ("drop-legacy", &[][..]),
        ("drop-v0", &["-Csymbol-mangling-version=v0"]),
        ("drop-optimised", &["-Copt-level=1"]),
    ] {
        let source = server("hello");
        let answer = Program::with(name, &source, flags).diff(&grown(&source));
        let changed = names(&answer, "changed");
        assert!(
            !changed.iter().any(|name| name.contains("drop_in_place")),
            "{name}: {changed:?}"
        );
    }
}

#[test]
fn what_holds_a_future_in_whatever_container_is_for_old_ones() {
    let more = "
use std::collections::HashMap;
use std::marker::PhantomData;
trait Steps { fn step(&mut self) -> usize; }
struct Queue<F> { waiting: Vec<F> }
struct Table<F> { by_number: HashMap<u32, F> }
struct Bare<F> { of: *mut (), count: u32, kind: PhantomData<F> }
fn poll<F: Future>(future: &mut F) -> usize {
    unsafe { Pin::new_unchecked(future) }.poll(&mut Context::from_waker(Waker::noop())).is_ready().into()
}
impl<F: Future> Steps for Queue<F> {
    fn step(&mut self) -> usize { self.waiting.iter_mut().map(poll).sum() }
}
impl<F: Future> Steps for Table<F> {
    fn step(&mut self) -> usize { self.by_number.values_mut().map(poll).sum() }
}
impl<F: Future> Steps for Bare<F> {
    fn step(&mut self) -> usize { poll(unsafe { &mut *self.of.cast::<F>() }) + self.count as usize }
}
fn all() -> [Box<dyn Steps>; 3] {
    [
        Box::new(Queue { waiting: vec![hello(1)] }),
        Box::new(Table { by_number: HashMap::from([(1, hello(1))]) }),
        bare(hello(1)),
    ]
}
fn bare<F: Future + 'static>(of: F) -> Box<dyn Steps> {
    Box::new(Bare { of: Box::into_raw(Box::new(of)).cast(), count: 0, kind: PhantomData::<F> })
}
pub fn steps() -> usize { all().iter_mut().map(|of| of.step()).sum() }
fn main()";
    let source = SERVER
        .replace("fn main()", more)
        .replace("HANDLER", "hello")
        .replace("run(&*route())", "run(&*route()) + steps()");
    let answer = Program::new("containers", &source).diff(&grown(&source));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(names(&answer, "changed"), [CALL, "app::all"]);
}

#[test]
fn what_holds_a_future_as_bare_memory_keeps_it() {
    // An executor: the task's type is known to the function alone, not to its pointer.
    let source = SERVER.replace(
        "fn main()",
        "struct Task { poll: unsafe fn(*mut ()) -> bool, of: *mut () }\n\
         unsafe fn poll_task<F: Future>(of: *mut ()) -> bool {\n\
             let mut cx = Context::from_waker(Waker::noop());\n\
             unsafe { Pin::new_unchecked(&mut *of.cast::<F>()) }.poll(&mut cx).is_ready()\n\
         }\n\
         fn spawn<F: Future>(future: F) -> Task { Task { poll: poll_task::<F>, of: Box::into_raw(Box::new(future)).cast() } }\n\
         pub fn begin() -> Task { spawn(hello(3)) }\n\
         pub fn step(task: &Task) -> bool { unsafe { (task.poll)(task.of) } }\n\
         fn main()",
    );
    let source = source.replace("HANDLER", "hello").replace(
        "run(&*route())",
        "run(&*route()) + usize::from(step(&begin()))",
    );
    let edit = grown(&source);
    let answer = Program::new("bare-task", &source).diff(&edit);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(names(&answer, "changed"), [CALL, "app::begin"]);
}

#[test]
fn a_future_that_waits_with_another_value_alive_is_refused() {
    // `name` was borrowed, so it keeps its place after the drop, and both layouts are equal.
    let source = server("hello");
    let moved = |drop: &str| {
        let edit = source.replace(GROWN.0, drop);
        assert_ne!(edit, source);
        edit
    };
    let early =
        moved("println!(\"{name}\");\n    drop(name);\n    Once(false).await;\n    String::new()");
    let late =
        moved("println!(\"{name}\");\n    Once(false).await;\n    drop(name);\n    String::new()");
    for (name, flags) in [
        ("wait-legacy", &[][..]),
        ("wait-v0", &["-Csymbol-mangling-version=v0"]),
    ] {
        for (old, new) in [(&early, &late), (&late, &early)] {
            let answer = Program::with(name, old, flags).diff(new);
            assert_eq!(codes(&answer), ["type-layout"], "{answer}");
            let message = message(&answer, "type-layout");
            assert!(
                message.contains("app::hello::{async_fn_env#0}"),
                "{message}"
            );
        }
    }
}

#[test]
fn a_future_that_waits_with_the_same_values_alive_runs_the_new_code() {
    let source = server("hello");
    let edit = source.replace("    name\n}", "    name + \"!\"\n}");
    assert_ne!(edit, source);
    let answer = Program::new("wait-the-same", &source).diff(&edit);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(names(&answer, "changed"), ["app::hello::{{closure}}"]);
}
