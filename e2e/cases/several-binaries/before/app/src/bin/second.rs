fn main() {
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match line.as_str() {
            "pid" => println!("= {}", std::process::id()),
            line => println!("= second {}", mid::price(line.len() as u32)),
        }
    }
}
