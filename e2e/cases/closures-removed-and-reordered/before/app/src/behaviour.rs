type Rule = Box<dyn Fn(u32) -> String>;

/// Makes its rules once, and more for the line `more`; all of them stay.
pub struct Program {
    rules: Vec<Rule>,
    lines: u32,
}

pub fn start() -> Program {
    Program { rules: rules(10), lines: 0 }
}

impl Program {
    pub fn answer(&mut self, line: &str) -> String {
        self.lines += 1;
        if line == "more" {
            self.rules.extend(rules(100));
        }
        let said: Vec<String> = self.rules.iter().map(|rule| rule(self.lines)).collect();
        said.join(", ")
    }
}

fn rules(base: u32) -> Vec<Rule> {
    let (factor, unit) = (u64::from(base) * 3, String::from("m"));
    vec![
        Box::new(move |x| format!("plus {}", base + x)),
        Box::new(move |x| format!("times {}", factor * u64::from(x))),
        Box::new(move |x| format!("long {x}{unit}")),
        Box::new(move |x| format!("minus {}", base - x)),
    ]
}
