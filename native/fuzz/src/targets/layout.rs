//! The reader of debug information: types, signatures, vtables, lines.

use super::Target;
use crate::mutate::Form;
use hotpatch_engine::format::unit::Unit;
use hotpatch_engine::layout::{compare, DebugTables};
use std::path::Path;

pub const TARGET: Target = Target {
    name: "layout",
    run: |data| drop(read(data)),
    reaches: read,
    form: Form::File,
};

fn read(data: &[u8]) -> Result<(), String> {
    let unit = Unit::parse("fuzz", Path::new("fuzz.o"), data.into()).map_err(|e| e.to_string())?;
    let elf = unit.elf().map_err(|e| e.to_string())?;
    let tables = DebugTables::read(&elf).map_err(|e| e.to_string())?;
    // Nothing differs from itself.
    assert_eq!(compare(&tables.types, &tables.types), []);
    for signature in tables.signatures.iter() {
        signature.display();
        assert!(tables.signatures.get(signature.symbol()).is_some());
    }
    for layout in tables.types.iter().take(256) {
        layout.fields().for_each(drop);
        layout.variant_names().for_each(drop);
        assert!(tables.types.layouts(layout.name()).next().is_some());
    }
    for vtable in &tables.vtables.vtables {
        tables
            .vtables
            .find(&vtable.type_name, vtable.trait_name.as_deref())
            .for_each(drop);
    }
    Ok(())
}
