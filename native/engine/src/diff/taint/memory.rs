//! Pointers that say nothing of what they lead to.

use super::text::pointee;
use crate::layout::Layout;
use rustc_hash::FxHashMap;

/// More wrappers than anybody writes.
const DEPTH: usize = 16;

/// Owners of what their names say.
const TYPED: [&str; 4] = [
    "alloc::boxed::Box<",
    "alloc::rc::Rc<",
    "alloc::sync::Arc<",
    "alloc::vec::Vec<",
];

/// Whether a parameter of this type is a raw pointer, an address as a number, or a type that has nothing but one, such as
/// `NonNull<Header>` or `struct Task(*const ())`; or a reference to such.
pub fn is_bare(type_name: &str, fields: &FxHashMap<&str, Vec<Layout<'_>>>) -> bool {
    let mut name = type_name;
    for _ in 0..DEPTH {
        if name.starts_with('*') || name == "usize" {
            return true;
        }
        if TYPED.iter().any(|owner| name.starts_with(owner)) {
            return false;
        }
        let inner = pointee(name).or_else(|| only_field(name, fields));
        match inner {
            Some(inner) => name = inner,
            None => return false,
        }
    }
    true
}

/// The type of the one field that has bytes.
fn only_field<'t>(name: &str, fields: &FxHashMap<&str, Vec<Layout<'t>>>) -> Option<&'t str> {
    let is_empty = |of: &str| {
        let layouts = fields.get(of);
        of == "()" || layouts.is_some_and(|all| all.iter().all(|layout| layout.size() == 0))
    };
    let mut rest = fields.get(name)?.first()?.held().filter(|of| !is_empty(of));
    rest.next().filter(|_| rest.next().is_none())
}
