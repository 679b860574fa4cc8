//! Names of types as rustc writes them into debug information, taken apart.

/// The name without type arguments of an environment itself, `app::run::{closure_env#0}<u8>`; none of a type that is made of
/// one, such as `core::option::Option<app::run::{closure_env#0}>`.
pub fn environment_in(name: &str) -> Option<&str> {
    let mut last = 0;
    at_top(name, |at, rest| {
        if rest.starts_with("::") {
            last = at + 2;
        }
        false
    });
    let (path, last) = name.split_at_checked(last)?;
    let own = last.split('<').next()?;
    let is_environment =
        own.starts_with('{') && own.contains("_env#") && !name.starts_with(['&', '*']);
    name.get(..path.len() + own.len())
        .filter(|_| is_environment)
}

/// The type arguments of an environment: those of the function that it stands in.
pub fn arguments(environment: &str) -> Vec<&str> {
    let own = environment_in(environment).map_or(0, str::len);
    let Some(list) = environment
        .get(own..)
        .and_then(|rest| rest.strip_prefix('<'))
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut start = 0;
    at_top(list, |at, rest| {
        if rest.starts_with([',', '>']) {
            all.extend(list.get(start..at).map(str::trim_start));
            start = at + 1;
        }
        rest.starts_with('>')
    });
    all
}

/// Whether a type's name is that of a function or of a pointer to one.
pub fn is_function(name: &str) -> bool {
    let Some((qualifiers, _)) = name.split_once("fn(") else {
        return false;
    };
    // `extern "C" ` and its kind; in a path or between brackets it is a part of another type.
    qualifiers.is_empty() || qualifiers.ends_with(' ') && !qualifiers.contains([':', '<', '(', '['])
}

/// Whether calls of a function (`is_item`) or closure make values of `made`: the result of `fn(u8) -> Made`, and the async
/// block `app::run::{closure#0}::{async_block_env#0}` of `app::run::{closure_env#0}`.
pub fn makes(maker: &str, is_item: bool, made: &str) -> bool {
    if is_item {
        let result = maker.strip_suffix(made);
        return result.is_some_and(|rest| rest.ends_with(") -> "));
    }
    let scope = environment_in(maker).and_then(|name| {
        let (path, number) = name.rsplit_once("{closure_env#")?;
        Some(format!("{path}{{closure#{number}::"))
    });
    scope.is_some_and(|scope| made.starts_with(&scope))
}

/// Whether a text has a name in it as a whole: `Vec<app::Job>` has `app::Job`, `app::Jobs` has not.
pub fn has_name(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..);
        let after = after.and_then(|after| after.chars().next());
        !before.is_some_and(|c| is_part(c) || c == ':') && !after.is_some_and(is_part)
    })
}

/// Whether a symbol's demangled name has a closure or async body in it: `{{closure}}` in the legacy mangling, which does not
/// say which one, `{closure#0}` in v0.
pub fn mentions_closure(name: &str) -> bool {
    name.contains("{{closure}}") || name.contains("{closure#")
}

/// Type arguments with a space behind each comma, as debug information writes them and the legacy mangling does not.
pub fn spaced(name: &str) -> String {
    name.replace(", ", ",").replace(',', ", ")
}

/// What references, pointers, arrays, boxes and `PhantomData` are about: `app::Job` of `&mut [app::Job; 4]`.
/// `is_known` ends it: slices and pointers to objects are structs with fields of their own.
pub fn peeled(mut name: &str, is_known: impl Fn(&str) -> bool) -> &str {
    loop {
        // An empty struct, but it stands for what its owner keeps as bare memory.
        let phantom = name.strip_prefix("core::marker::PhantomData<");
        if phantom.is_none() && is_known(name) {
            return name;
        }
        let inner = pointee(name)
            .or_else(|| element(name))
            .or_else(|| first_argument(phantom?))
            .or_else(|| first_argument(name.strip_prefix("alloc::boxed::Box<")?));
        match inner {
            Some(inner) if inner.len() < name.len() => name = inner,
            _ => return name,
        }
    }
}

/// What a reference or a pointer leads to.
pub fn pointee(name: &str) -> Option<&str> {
    ["&mut ", "&", "*const ", "*mut ", "*"]
        .into_iter()
        .find_map(|prefix| name.strip_prefix(prefix))
}

fn element(name: &str) -> Option<&str> {
    let inner = name.strip_prefix('[')?.strip_suffix(']')?;
    Some(inner.rsplit_once("; ").map_or(inner, |(of, _)| of))
}

/// The first of type arguments, of which the opening bracket was read.
fn first_argument(arguments: &str) -> Option<&str> {
    let mut end = None;
    at_top(arguments, |at, rest| {
        let is_end = rest.starts_with([',', '>']);
        if is_end {
            end = Some(at);
        }
        is_end
    });
    arguments.get(..end?)
}

/// Shows each place outside of brackets, with the text from there on, until `stop` says so.
fn at_top(text: &str, mut stop: impl FnMut(usize, &str) -> bool) {
    let mut depth = 0usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        // The arrow of `fn(u32) -> u32` closes nothing.
        let is_arrow = c == '>' && before == '-';
        if depth == 0 && !is_arrow && stop(at, text.get(at..).unwrap_or_default()) {
            return;
        }
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if is_arrow => {}
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_told_from_what_is_made_of_one() {
        for name in [
            "app::run::{closure_env#0}",
            "app::hello::{async_fn_env#0}<u8>",
            "axum::handler::{impl#3}::call::{async_block_env#0}<fn(u8) -> app::hello::{async_fn_env#0}, (u8,)>",
        ] {
            assert!(environment_in(name).is_some(), "{name}");
        }
        for name in [
            "app::State",
            "core::option::Option<app::run::{closure_env#0}>",
            "axum::HandlerService<fn(u8) -> app::hello::{async_fn_env#0}, ((), u8)>",
            "(app::run::{closure_env#0}, u8)",
            "&app::run::{closure_env#0}",
        ] {
            assert!(environment_in(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_makes_a_future_is_known_by_its_name() {
        let made = "app::hello::{async_fn_env#0}";
        assert!(makes(&format!("fn(u8) -> {made}"), true, made));
        assert!(!makes(&format!("fn(u8) -> {made}"), false, made));
        assert!(!makes(&format!("fn({made})"), true, made));
        assert!(!makes(&format!("fn(fn(u8) -> {made})"), true, made));
        let made = "app::main::{async_block#0}::{closure#1}::{async_block_env#0}<u8>";
        let maker = "app::main::{async_block#0}::{closure_env#1}";
        assert!(makes(maker, false, made));
        assert!(!makes(
            "app::main::{async_block#0}::{closure_env#2}",
            false,
            made
        ));
    }

    #[test]
    fn an_environment_has_the_type_arguments_of_its_function() {
        let name = "app::run::{closure_env#0}<fn(u8, u8) -> u8, (u32, app::Job), [u8; 2]>";
        let all = ["fn(u8, u8) -> u8", "(u32, app::Job)", "[u8; 2]"];
        assert_eq!(arguments(name), all);
        assert_eq!(arguments("app::run::{closure_env#0}"), [""; 0]);
    }

    #[test]
    fn functions_are_told_from_what_is_made_of_one() {
        for name in ["fn(u8) -> u8", "extern \"C\" fn(u8)"] {
            assert!(is_function(name), "{name}");
        }
        for name in [
            "app::Held<fn(u8)>",
            "(fn(u8), u8)",
            "app::Job",
            "&mut app::fn(u8)",
        ] {
            assert!(!is_function(name), "{name}");
        }
    }

    #[test]
    fn a_name_is_found_as_a_whole() {
        for text in ["app::Job", "Vec<app::Job>", "(u8, app::Job)", "&app::Job"] {
            assert!(has_name(text, "app::Job"), "{text}");
        }
        for text in ["app::Jobs", "my_app::Job", "lib::app::Job", "app::Job2"] {
            assert!(!has_name(text, "app::Job"), "{text}");
        }
    }

    #[test]
    fn what_leads_to_a_type_is_peeled_off_it() {
        let none = |_: &str| false;
        for (name, inner) in [
            ("&mut [app::Job; 4]", "app::Job"),
            ("*const *mut app::Job", "app::Job"),
            (
                "alloc::boxed::Box<app::Map<u8, fn(u8) -> u8>, alloc::alloc::Global>",
                "app::Map<u8, fn(u8) -> u8>",
            ),
            ("core::marker::PhantomData<app::Job>", "app::Job"),
            (
                "alloc::boxed::Box<fn(u8) -> u8, alloc::alloc::Global>",
                "fn(u8) -> u8",
            ),
            ("app::Job", "app::Job"),
            ("fn(&app::Job) -> u8", "fn(&app::Job) -> u8"),
        ] {
            assert_eq!(peeled(name, none), inner);
        }
        assert_eq!(
            peeled("&[app::Job]", |name| name == "&[app::Job]"),
            "&[app::Job]"
        );
    }
}
