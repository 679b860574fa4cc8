pub struct Program {
    state: State,
}

struct State {
    limit: u64,
    answers: u32,
}

pub fn start() -> Program {
    Program { state: State { limit: 9, answers: 0 } }
}

impl Program {
    pub fn answer(&mut self, _: &str) -> String {
        self.state.answers += 1;
        format!("{} of {}", self.state.answers, self.state.limit)
    }
}
