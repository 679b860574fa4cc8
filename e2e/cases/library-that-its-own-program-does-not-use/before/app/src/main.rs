//! Answers one line for every line it reads.
mod behaviour;
mod shown;

fn main() {
    let mut program = behaviour::start();
    for line in std::io::stdin().lines() {
        let Ok(line) = line else { break };
        let answer = match line.as_str() {
            "pid" => std::process::id().to_string(),
            command => shown::shown(&program.answer(command)),
        };
        println!("= {answer}");
    }
}
