//! The reader of debug information: types, signatures, vtables, lines.

use super::Target;
use crate::mutate::Form;
use hotpatch_engine::format::Elf;
use hotpatch_engine::layout::{compare, DebugTables};

pub const TARGET: Target = Target {
    name: "layout",
    run: |data| drop(read(data)),
    reaches: read,
    form: Form::File,
};

fn read(data: &[u8]) -> Result<(), String> {
    let elf = Elf::parse(data).map_err(|e| e.to_string())?;
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
