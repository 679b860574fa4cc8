/// Knows only that it calls what it is given.
pub fn asks(amount: u32) -> String {
    super::home::stays(amount).to_string()
}
