//! The same types under other names.

use super::super::names::Renamed;
use super::TypeTable;

impl TypeTable {
    pub fn renamed(&self, rename: &dyn Fn(&str) -> Option<String>) -> TypeTable {
        let names = Renamed::new(&self.names, rename);
        let mut table = self.clone();
        for at in 0..table.types.len() {
            let Some(of) = self.types.get(at) else { break };
            let digest = self.digest(of, &|name| names.digest(name));
            if let Some(of) = table.types.get_mut(at) {
                of.key = names.digest(of.name);
                of.digest = digest;
            }
        }
        table.types.sort_by_key(|of| (of.key, of.digest));
        table.names = names.finish();
        table
    }
}
