//! The same signatures with types under other names.

use super::super::names::Renamed;
use super::{digest, SignatureTable};

impl SignatureTable {
    pub fn renamed(&self, rename: &dyn Fn(&str) -> Option<String>) -> SignatureTable {
        let names = Renamed::new(&self.names, rename);
        let mut table = self.clone();
        for of in &mut table.entries {
            let parameters = self.of(&of.parameters).iter();
            let parameters = parameters.map(|parameter| names.digest(parameter.type_name));
            of.digest = digest(of.kind, names.digest(of.result), parameters);
        }
        // Symbols are names too, but none that spells a type as debug information does: the order by them stays.
        table.names = names.finish();
        table
    }
}
