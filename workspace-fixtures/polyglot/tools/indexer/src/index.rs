use std::collections::BTreeMap;

/// Addresses by their words.
#[derive(Default)]
pub struct Index {
    addresses: Vec<String>,
    by_word: BTreeMap<String, Vec<usize>>,
}

impl Index {
    /// How many addresses there are now.
    pub fn add(&mut self, address: &str) -> usize {
        let at = self.addresses.len();
        self.addresses.push(address.to_string());
        for word in address.split_whitespace() {
            self.by_word.entry(key(word)).or_default().push(at);
        }
        self.addresses.len()
    }

    pub fn find(&self, word: &str) -> Vec<&str> {
        let found = self.by_word.get(&key(word));
        found
            .into_iter()
            .flatten()
            .map(|&at| self.addresses[at].as_str())
            .collect()
    }
}

fn key(word: &str) -> String {
    word.to_lowercase()
}
