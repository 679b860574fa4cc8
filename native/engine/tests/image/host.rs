//! Opens an image, calls it, and lets a panic unwind through it. Arguments: the image, then the addresses in it of
//! `through`, `calls`, `deeper` and `square`.
use std::ffi::{c_char, c_int, c_void, CString};

extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

extern "C-unwind" fn panics() {
    panic!("out of the callback");
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let path = CString::new(arguments[1].as_str()).unwrap();
    let handle = unsafe { dlopen(path.as_ptr(), 2) };
    if handle.is_null() {
        let error = unsafe { std::ffi::CStr::from_ptr(dlerror()) };
        panic!("{}", error.to_string_lossy());
    }
    // `struct link_map` begins with the load bias.
    let bias = unsafe { *(handle as *const usize) };
    let address = |index: usize| bias + arguments[index].parse::<usize>().unwrap();
    let through: extern "C-unwind" fn(extern "C-unwind" fn()) =
        unsafe { std::mem::transmute(address(2)) };
    let calls: extern "C" fn() -> c_int = unsafe { std::mem::transmute(address(3)) };
    let deeper: extern "C" fn() -> c_int = unsafe { std::mem::transmute(address(4)) };
    let square: extern "C" fn(u64) -> u64 = unsafe { std::mem::transmute(address(5)) };

    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| through(panics)).is_err();
    let trace = std::thread::spawn(move || (deeper(), deeper()))
        .join()
        .unwrap();
    println!(
        "caught {caught} landed {} deeper {trace:?} {} square {}",
        calls(),
        deeper(),
        square(12)
    );
}
