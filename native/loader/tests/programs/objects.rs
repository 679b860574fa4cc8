//! Has objects behind tables of functions, and makes and drops them as it is told to.
use std::cell::RefCell;
use std::io::BufRead;

trait Show {
    fn show(&self) -> i32;
}

struct Row(i32);

impl Show for Row {
    fn show(&self) -> i32 {
        self.0
    }
}

thread_local!(static ROWS: RefCell<Vec<Box<dyn Show>>> = const { RefCell::new(Vec::new()) });

#[no_mangle]
#[inline(never)]
extern "C" fn value() -> i32 {
    0
}

/// Where the table of `Row` lies, in disguise: the program shall not hold it itself.
#[inline(never)]
fn table() -> usize {
    let row: &dyn Show = &Row(1);
    // SAFETY: a reference to a trait object is two words; the second is the table's address.
    unsafe { std::mem::transmute::<&dyn Show, (usize, usize)>(row) }.1 ^ usize::MAX
}

#[inline(never)]
fn make() -> i32 {
    ROWS.with_borrow_mut(|rows| {
        rows.push(Box::new(Row(7)));
        rows.iter().map(|row| row.show()).sum()
    })
}

/// Drops the objects, and overwrites where the list of them was.
#[inline(never)]
fn drop_all() -> i32 {
    ROWS.with_borrow_mut(|rows| {
        rows.clear();
        for place in rows.spare_capacity_mut() {
            // SAFETY: in the room of the list, which is empty.
            unsafe { std::ptr::from_mut(place).write_bytes(0, 1) };
        }
    });
    0
}

/// Overwrites what functions have left below on the stack.
#[inline(never)]
fn forget() {
    let mut stack = [0u8; 64 << 10];
    std::hint::black_box(&mut stack);
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let answer = match line.unwrap().as_str() {
            "table" => table(),
            "make" => make() as usize,
            "drop" => drop_all() as usize,
            _ => value() as usize,
        };
        forget();
        println!("{answer}");
    }
}
