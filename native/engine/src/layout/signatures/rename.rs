//! The same signatures with types under other names.

use super::super::names::Renamed;
use super::{digest, SignatureTable};

impl SignatureTable {
    pub fn renamed(&self, rename: &dyn Fn(&str) -> Option<String>) -> SignatureTable {
        let names = Renamed::new(&self.names, rename);
        let mut table = self.clone();
        for of in &mut table.entries {
            let range = of.parameters.start as usize..of.parameters.end as usize;
            let parameters = self.parameters.get(range).unwrap_or_default();
            let parameters = parameters.iter().map(|name| names.digest(*name));
            of.digest = digest(of.kind, names.digest(of.result), parameters);
        }
        // Symbols are names too, but none that spells a type as debug information does: the order by them stays.
        table.names = names.finish();
        table
    }
}
