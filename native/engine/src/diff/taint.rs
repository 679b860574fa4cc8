//! Types that only the compiler names: environments of closures, async functions and async blocks.
//!
//! Such a type may change its layout while values of it are alive: its values are handled by code that was compiled for
//! exactly this type. So old values keep old code (it is not redirected), new values meet new code, and nobody has to
//! restart. Which code can meet an old value is a matter of what its parameters and result hold ([`Holders`]), not of what
//! their names say: the route that a server has made of a handler is called `HandlerService<fn(State) -> {async_fn_env#0}>`
//! and holds no future, only the function that makes one. It is redirected, and makes new ones from then on.
//!
//! Closures that were renumbered are another matter: there the name means another type than before, and so does every
//! name that contains it.

mod holders;
mod memory;
pub mod suspended;
mod text;

use super::debug_sides::DebugSides;
use crate::layout::Signature;
use holders::Holders;
pub use text::has_name;

#[derive(Default)]
pub struct Taint<'d> {
    /// Names that mean another type than before; a text that contains one speaks of it.
    renumbered: Vec<String>,
    /// Types that hold an environment whose layout changed.
    holders: Holders<'d>,
}

impl<'d> Taint<'d> {
    /// `changed`: types whose old values are others, of which environments count. `renumbered`: environments whose number
    /// means another closure than before.
    pub fn find<'n>(
        debug: &'d DebugSides,
        changed: impl IntoIterator<Item = &'n str>,
        renumbered: impl IntoIterator<Item = String>,
    ) -> Taint<'d> {
        let mut renumbered: Vec<String> = renumbered.into_iter().collect();
        renumbered.sort();
        renumbered.dedup();
        while !renumbered.is_empty() && spread(&mut renumbered, debug) {}
        let changed = changed.into_iter();
        Taint {
            renumbered,
            holders: Holders::find(
                debug,
                changed.filter(|name| text::environment_in(name).is_some()),
            ),
        }
    }

    /// The same of types that the user declares, all of them.
    pub fn of_types<'n>(
        debug: &'d DebugSides,
        changed: impl IntoIterator<Item = &'n str>,
    ) -> Taint<'d> {
        Taint {
            renumbered: Vec::new(),
            holders: Holders::find(debug, changed),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.renumbered.is_empty() && self.holders.is_empty()
    }

    /// Whether old values of this type keep old code.
    pub fn covers(&self, type_name: &str) -> bool {
        mentions(&self.renumbered, type_name) || self.holders.hold(type_name)
    }

    /// Whether code with this signature can meet values of a tainted type that are older than it.
    pub fn touches(&self, signature: Signature<'_>) -> bool {
        self.takes(signature) || self.covers(signature.result())
    }

    /// The same but for code that only gives such values.
    pub fn takes(&self, signature: Signature<'_>) -> bool {
        !self.is_empty()
            && (environment(signature).is_some_and(|own| self.is_of(&own))
                || mentions(&self.renumbered, signature.name())
                || signature
                    .parameters()
                    .any(|p| mentions(&self.renumbered, p))
                || signature.held_parameters().any(|p| self.holders.hold(p))
                || made_for(signature).any(|a| self.holders.hold(a))
                || self.holders.may_hide(signature))
    }

    /// Whether the demangled name of something without debug information has that of a tainted type in it.
    pub fn is_in_name(&self, name: &str) -> bool {
        mentions(&self.renumbered, name) || self.holders.speak_of(&text::spaced(name))
    }

    /// Whether code with this signature takes or gives a pointer that says nothing of what it leads to.
    pub fn may_hide_in(&self, signature: Signature<'_>) -> bool {
        self.holders.may_be_behind(signature)
    }

    /// The same of what the compiler makes without debug information, by its demangled name: the drop glue of a type, and
    /// shims by which closures are called, whose names mostly do not say which.
    pub fn touches_shim(&self, name: &str) -> bool {
        let is_of_others = || {
            name.starts_with("core::ptr::drop_in_place")
                && !text::mentions_closure(name)
                && !self.holders.speak_of(&text::spaced(name))
                && !mentions(&self.renumbered, name)
        };
        !self.is_empty() && !is_of_others()
    }

    /// Whether one of the tainted types is this environment, of whatever type arguments.
    fn is_of(&self, own: &str) -> bool {
        self.renumbered.iter().any(|name| name.contains(own)) || self.holders.have(own)
    }
}

/// The types whose values generic code may handle: its type arguments but for those that it has because it calls another of
/// them, as `call<fn(State) -> F, F>` of a route has, which holds the function.
fn made_for(signature: Signature<'_>) -> impl Iterator<Item = &str> {
    let values = signature.arguments().filter(|(_, is_item)| !is_item);
    values.map(|(name, _)| name).filter(move |name| {
        let mut others = signature.arguments();
        !others.any(|(maker, is_item)| text::makes(maker, is_item, name))
    })
}

fn mentions(names: &[String], text: &str) -> bool {
    names.iter().any(|name| text.contains(name.as_str()))
}

/// Adds types with a field of a type that is spoken of; whether there were any.
fn spread(names: &mut Vec<String>, debug: &DebugSides) -> bool {
    let before = names.len();
    let tables = debug.old.units.iter().chain(&debug.new.units);
    for layout in tables.flat_map(|(_, tables)| tables.types.iter()) {
        let mut fields = layout.fields();
        if !mentions(names, layout.name()) && fields.any(|(_, _, of)| mentions(names, of)) {
            names.push(layout.name().to_string());
        }
    }
    names.len() > before
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
