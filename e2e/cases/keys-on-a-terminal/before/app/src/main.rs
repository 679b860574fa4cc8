//! Never reads its input: says over and over in a file what it would say on a page.
mod behaviour;

fn main() {
    let mut rounds = 0u32;
    loop {
        rounds += 1;
        std::fs::write("said", behaviour::say(rounds)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
