pub fn double(amount: u32) -> u32 {
    amount * 2
}

/// With optimisation: a table of numbers.
#[inline(never)]
pub fn looked_up(at: usize) -> u32 {
    match at {
        0 => 2,
        1 => 3,
        2 => 5,
        3 => 7,
        4 => 11,
        5 => 13,
        6 => 17,
        7 => 19,
        _ => 0,
    }
}

/// With optimisation: a table of pointers and one of lengths.
#[inline(never)]
pub fn named(at: usize) -> &'static str {
    match at {
        1 => "ant",
        2 => "bee",
        3 => "cat",
        4 => "dingo",
        5 => "elk",
        6 => "fox",
        7 => "gnu",
        _ => "none",
    }
}

/// In every profile: a table of places to jump to.
#[inline(never)]
pub fn acted(at: usize) -> u32 {
    match at {
        1 => act(101),
        2 => act(202),
        3 => act(303) + 1,
        4 => act(404) * 2,
        5 => act(505) ^ 7,
        6 => act(606),
        7 => act(707),
        8 => act(808),
        _ => 0,
    }
}

#[inline(never)]
fn act(amount: u32) -> u32 {
    std::hint::black_box(amount)
}

#[inline(never)]
pub fn of<T: AsRef<str>>(text: T) -> u32 {
    match text.as_ref().len() {
        1 => 2,
        2 => 3,
        3 => 5,
        4 => 7,
        5 => 11,
        6 => 13,
        7 => 17,
        8 => 23,
        _ => 0,
    }
}
