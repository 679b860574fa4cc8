//! Which types hold a value of given ones: by value, behind a reference or a pointer, or by a declaration to that effect.
//!
//! A type that keeps values as bare memory must have its parameter in some field, and if nowhere else in a
//! `PhantomData<T>` (rustc E0392); so `Vec<T>` and hash tables hold `T` as well. A function that is passed as itself has no
//! bytes and holds nothing of what its name mentions. A closure need not declare anything: its body may use each type
//! argument of the function that it stands in. Pointers to functions, objects of traits, and types of which no
//! table has the fields hold whatever their name mentions.

use super::super::debug_sides::DebugSides;
use super::memory::is_bare;
use super::text::{arguments, environment_in, has_name, is_function, peeled};
use crate::layout::{Layout, Signature, SymbolKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// What the fields of a type are about. A `PhantomData` of a function, as the routes of servers have it for what their handlers
/// take, says what it is called with and not what is in it, unless there is bare memory beside it.
fn own_fields<'d>(layout: Layout<'d>) -> impl Iterator<Item = &'d str> {
    let is_bare = |of: &str| {
        ["*mut ", "*const ", "NonNull<", "AtomicPtr<"]
            .iter()
            .any(|p| of.contains(p))
    };
    let has_bare = layout.held().any(is_bare);
    layout
        .held()
        .filter(move |of| has_bare || !of.starts_with("core::marker::PhantomData<fn("))
}

#[derive(Default)]
pub struct Holders<'d> {
    holding: FxHashSet<&'d str>,
    /// Environments among them, without type arguments.
    environments: FxHashSet<&'d str>,
    /// Of all of them, those whose names do not contain another one's.
    spoken: Vec<&'d str>,
    /// All types of which the fields are known.
    fields: FxHashMap<&'d str, Vec<Layout<'d>>>,
}

impl<'d> Holders<'d> {
    /// `held`: the types whose old values are laid out otherwise.
    pub fn find<'n>(debug: &'d DebugSides, held: impl IntoIterator<Item = &'n str>) -> Holders<'d> {
        let mut held = held.into_iter().peekable();
        let mut holders = Holders::default();
        if held.peek().is_none() {
            return holders;
        }
        let sides = debug.old.units.iter().chain(&debug.new.units);
        for layout in sides.flat_map(|(_, tables)| tables.types.iter()) {
            holders
                .fields
                .entry(layout.name())
                .or_default()
                .push(layout);
        }
        let held = held.filter_map(|name| holders.fields.get_key_value(name));
        let held: Vec<&'d str> = held.map(|(name, _)| *name).collect();
        let by_field = holders.by_field();
        holders.spread(held, &by_field);
        holders
    }

    /// Types by those that their fields are about. Fields of types that are not known stand under their names.
    fn by_field(&self) -> FxHashMap<&'d str, Vec<&'d str>> {
        let mut by_field: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        let mut seen = FxHashSet::default();
        for (&name, layouts) in &self.fields {
            // Functions among the type arguments are captured or passed, and seen there.
            let used = arguments(name).into_iter().filter(|of| !is_function(of));
            let fields = layouts.iter().flat_map(|layout| own_fields(*layout));
            for of in fields.chain(used) {
                let inner = peeled(of, |name| self.fields.contains_key(name));
                if seen.insert((name, inner)) {
                    by_field.entry(inner).or_default().push(name);
                }
            }
        }
        by_field
    }

    fn spread(&mut self, held: Vec<&'d str>, by_field: &FxHashMap<&'d str, Vec<&'d str>>) {
        let unknown = by_field.keys().filter(|of| !self.fields.contains_key(*of));
        let mut unknown: Vec<&str> = unknown.copied().collect();
        let mut waiting = held;
        loop {
            let mut fresh = Vec::new();
            while let Some(name) = waiting.pop() {
                if self.holding.insert(name) {
                    self.environments.extend(environment_in(name));
                    fresh.push(name);
                    waiting.extend(by_field.get(name).into_iter().flatten());
                }
            }
            // The shortest first: what contains it need not be looked for.
            fresh.sort_by_key(|name| name.len());
            let known = self.spoken.len();
            for name in fresh {
                if !self.speak_of(name) {
                    self.spoken.push(name);
                }
            }
            let fresh = self.spoken.get(known..).unwrap_or_default();
            unknown.retain(|of| {
                let speaks = fresh.iter().any(|name| has_name(of, name));
                if speaks {
                    waiting.extend(by_field.get(of).into_iter().flatten());
                }
                !speaks
            });
            if waiting.is_empty() {
                return;
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.holding.is_empty()
    }

    /// Whether this environment, of whatever type arguments, is one of them.
    pub fn have(&self, environment: &str) -> bool {
        self.environments.contains(environment)
    }

    /// Whether a text contains the name of one.
    pub fn speak_of(&self, text: &str) -> bool {
        self.spoken.iter().any(|name| has_name(text, name))
    }

    /// Whether a value of this type holds one, or leads to one.
    pub fn hold(&self, type_name: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        let inner = peeled(type_name, |name| self.fields.contains_key(name));
        match self.fields.contains_key(inner) {
            true => self.holding.contains(inner),
            false => self.speak_of(inner),
        }
    }

    /// Whether code that only its name tells to be about one may be for old ones: it takes or gives a pointer that says
    /// nothing of what it leads to, as executors have it that keep a task behind a `*const ()`; or it takes nothing, so that
    /// all it does depends on its types, like drop glue, to which debug information gives no parameter, or a table of offsets.
    pub fn may_hide(&self, signature: Signature<'_>) -> bool {
        let is_for_old =
            || signature.parameters().next().is_none() || self.may_be_behind(signature);
        signature.kind() == SymbolKind::Function
            && (self.speak_of(signature.name()) || self.speak_of(signature.scope()))
            && is_for_old()
    }

    /// Whether a parameter or the result is a pointer that says nothing of what it leads to.
    pub fn may_be_behind(&self, signature: Signature<'_>) -> bool {
        let mut types = signature.held_parameters().chain([signature.result()]);
        types.any(|of| is_bare(of, &self.fields))
    }
}
