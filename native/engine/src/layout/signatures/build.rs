//! From the scan's records to a [`SignatureTable`], and the places of declaration with it.

use super::super::error::Error;
use super::super::groups::Groups;
use super::super::lines::Declaration;
use super::super::names::{Interner, NameId};
use super::super::record::RawFunction;
use super::super::resolve::Resolver;
use super::super::scan::{self, Scan};
use super::{digest, Entry, Parameter, SignatureTable, SymbolKind};

/// The signatures, and where what they belong to is declared.
pub fn build<'a>(
    scan: &Scan<'a>,
    names: &mut Resolver<'_, 'a>,
) -> Result<(SignatureTable, Vec<Declaration>), Error> {
    let mut builder = Builder::default();
    let parameters = Groups::new(
        scan.functions.len(),
        scan.parameters.iter().map(|parameter| parameter.owner),
    );
    let mut types = Vec::new();
    let mut arguments = Vec::new();
    for (at, function) in (0..).zip(&scan.functions) {
        types.clear();
        arguments.clear();
        let referred = scan.root(function)?;
        let (root, targets) = match &referred {
            Some((root, targets)) => (root, targets.as_slice()),
            None => (
                function,
                scan.parameters.get(parameters.of(at)).unwrap_or_default(),
            ),
        };
        let symbol = symbol(scan, function, root)?;
        if symbol.is_empty() {
            continue;
        }
        let result = match root.result {
            None if root.is_noreturn => names.intern("!"),
            target => names.type_name(target)?,
        };
        for parameter in targets {
            let list = match parameter.is_type_argument {
                true => &mut arguments,
                false => &mut types,
            };
            list.push(Parameter {
                type_name: names.type_name(parameter.target)?,
                is_item: names.leads_to_function_item(parameter.target),
            });
        }
        let name = scan::text(root.name, &scan.dwarf)?;
        let scope = names.scope_name(root.scope)?;
        let kind = SymbolKind::Function;
        let key = builder.add(
            (symbol, name, scope),
            kind,
            result,
            (&types, &arguments),
            names,
        );
        builder.declarations.push(Declaration {
            key,
            unit: root.unit,
            file: root.file,
            line: root.line,
        });
    }
    for variable in &scan.variables {
        let symbol = scan::text(variable.linkage_name, &scan.dwarf)?;
        if !symbol.is_empty() {
            let result = names.type_name(variable.target)?;
            let name = scan::text(variable.name, &scan.dwarf)?;
            let scope = names.scope_name(variable.scope)?;
            let kind = SymbolKind::Static;
            let key = builder.add((symbol, name, scope), kind, result, (&[], &[]), names);
            let (unit, file, line) = (variable.unit, variable.file, variable.line);
            builder.declarations.push(Declaration {
                key,
                unit,
                file,
                line,
            });
        }
    }
    let mut table = builder.table;
    table.entries.sort_by_key(|of| of.key);
    // Of units merged by link-time optimization, each may describe the function.
    table.entries.dedup_by_key(|of| of.key);
    table.names = builder.interner.finish();
    Ok((table, builder.declarations))
}

/// The linkage name, which only one of the linked entries has; `#[no_mangle]` functions have none, but their name is it.
fn symbol<'a>(
    scan: &Scan<'a>,
    function: &RawFunction<'a>,
    root: &RawFunction<'a>,
) -> Result<&'a str, Error> {
    let linkage_names = [function.linkage_name, root.linkage_name];
    let name = linkage_names.into_iter().find(|name| !name.is_none());
    scan::text(
        name.unwrap_or(if root.is_external {
            root.name
        } else {
            Default::default()
        }),
        &scan.dwarf,
    )
}

#[derive(Default)]
struct Builder {
    interner: Interner,
    table: SignatureTable,
    declarations: Vec<Declaration>,
    /// The resolver's names that this table has taken over, by the resolver's number.
    taken: Vec<Option<NameId>>,
}

impl Builder {
    /// Gives the symbol's digest.
    fn add(
        &mut self,
        (symbol, name, scope): (&str, &str, NameId),
        kind: SymbolKind,
        result: NameId,
        (types, arguments): (&[Parameter], &[Parameter]),
        names: &Resolver<'_, '_>,
    ) -> u64 {
        let start = self.table.parameters.len() as u32;
        let digest = digest(
            kind,
            names.digest(result),
            types.iter().map(|t| names.digest(t.type_name)),
        );
        for parameter in types.iter().chain(arguments) {
            let type_name = self.take(parameter.type_name, names);
            self.table.parameters.push(Parameter {
                type_name,
                ..*parameter
            });
        }
        let end = start + types.len() as u32;
        let symbol = self.interner.intern(symbol);
        let name = self.interner.intern(name);
        let key = self.interner.digest(symbol);
        let scope = self.take(scope, names);
        let result = self.take(result, names);
        self.table.entries.push(Entry {
            key,
            digest,
            symbol,
            name,
            scope,
            kind,
            result,
            parameters: start..end,
            arguments: end..self.table.parameters.len() as u32,
        });
        key
    }

    fn take(&mut self, id: NameId, names: &Resolver<'_, '_>) -> NameId {
        let at = id.0 as usize;
        if let Some(Some(own)) = self.taken.get(at) {
            return *own;
        }
        let own = self
            .interner
            .intern_digested(names.text(id), names.digest(id));
        if self.taken.len() <= at {
            self.taken.resize(at + 1, None);
        }
        if let Some(slot) = self.taken.get_mut(at) {
            *slot = Some(own);
        }
        own
    }
}
