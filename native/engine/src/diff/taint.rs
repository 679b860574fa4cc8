//! Types that only the compiler names: environments of closures, async functions and async blocks.
//!
//! Such a type may change its layout while values of it are alive: its values are handled by code that was compiled for
//! exactly this type, and that code names it, in its parameters or type arguments. So old values keep old code (it is
//! not redirected), new values meet new code, and nobody has to restart. The same goes for a type that holds one by
//! value or by reference, and for closures that were renumbered, whose type names changed their meaning.

use super::debug_sides::DebugSides;
use crate::layout::{LayoutChange, Signature};

/// Names of types; a text that contains one of them mentions it.
#[derive(Debug, Default)]
pub struct Taint {
    names: Vec<String>,
}

impl Taint {
    /// `renumbered`: environments whose number means another closure than before.
    pub fn find(
        debug: &DebugSides,
        changes: &[LayoutChange],
        renumbered: impl IntoIterator<Item = String>,
    ) -> Taint {
        let mut taint = Taint {
            names: renumbered.into_iter().collect(),
        };
        taint.names.extend(
            changes
                .iter()
                .map(|c| &c.type_name)
                .filter(|n| is_environment(n))
                .cloned(),
        );
        taint.names.sort();
        taint.names.dedup();
        while !taint.names.is_empty() && taint.spread(debug) {}
        taint
    }

    /// Adds types with a field of a tainted one; whether there were any.
    fn spread(&mut self, debug: &DebugSides) -> bool {
        let before = self.names.len();
        let tables = debug.old.units.iter().chain(&debug.new.units);
        for layout in tables.flat_map(|(_, tables)| tables.types.iter()) {
            let holds = |taint: &Taint| {
                layout
                    .fields()
                    .any(|(_, _, type_name)| taint.mentions(type_name))
            };
            if !self.mentions(layout.name()) && holds(self) {
                self.names.push(layout.name().to_string());
            }
        }
        self.names.len() > before
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn mentions(&self, text: &str) -> bool {
        self.names.iter().any(|name| text.contains(name.as_str()))
    }

    /// Whether code with this signature was compiled for a tainted type.
    pub fn touches(&self, signature: Signature<'_>) -> bool {
        !self.is_empty()
            && (environment(signature)
                .is_some_and(|own| self.names.iter().any(|name| name.contains(&own)))
                || self.mentions(signature.name())
                || self.mentions(signature.result())
                || signature.parameters().any(|p| self.mentions(p)))
    }
}

/// `app::run::{closure_env#0}`, `app::serve::{async_fn_env#0}`, also within another name.
pub fn is_environment(type_name: &str) -> bool {
    type_name.contains("_env#")
}

/// Whether a function is a closure's or async body's own, or takes, gives or was compiled for one.
pub fn is_about_environments(signature: Signature<'_>) -> bool {
    environment(signature).is_some()
        || is_environment(signature.name())
        || is_environment(signature.result())
        || signature.parameters().any(is_environment)
}

/// How the environment of a closure or async body is called: `app::run::{closure_env#0}` for `{closure#0}` in `app::run`.
/// DWARF gives a closure's function no parameter for it, but both stand in one scope.
pub fn environment(signature: Signature<'_>) -> Option<String> {
    let (kind, number) = signature.name().strip_prefix('{')?.split_once('#')?;
    let number = number.get(..number.find('}')?)?;
    Some(format!("{}::{{{kind}_env#{number}}}", signature.scope()))
}
