//! Functions that another entry completes.
//!
//! A definition out of line refers to its abstract instance, and a method's definition to its declaration in the type.
//! Few of the many declarations and abstract instances are ever referred to, so they are read at that time.

use super::super::error::Error;
use super::super::record::{RawFunction, RawParameter, NONE};
use super::attributes::Attributes;
use super::Scan;
use gimli::constants as dw;

pub fn record<'a>(unit: u32, scope: u32, attributes: &Attributes<'a>) -> RawFunction<'a> {
    RawFunction {
        unit,
        linkage_name: attributes.linkage_name,
        name: attributes.name,
        origin: attributes.origin,
        scope,
        result: attributes.target,
        is_noreturn: attributes.is_noreturn,
        is_external: attributes.is_external,
        file: attributes.file,
        line: attributes.line,
    }
}

/// A definition refers to an abstract instance, which refers to a declaration: no chain is longer in sound entries.
const LINKS: usize = 3;

impl<'a> Scan<'a> {
    /// The entry that describes the function in full, with its parameters and type arguments; `None` when that is `function` itself.
    pub fn root(
        &self,
        function: &RawFunction<'a>,
    ) -> Result<Option<(RawFunction<'a>, Vec<RawParameter>)>, Error> {
        let Some(mut origin) = function.origin else {
            return Ok(None);
        };
        for _ in 0..LINKS {
            let (root, parameters) = self.function_at(origin)?;
            match root.origin {
                Some(next) => origin = next,
                None => return Ok(Some((root, parameters))),
            }
        }
        Err(Error::malformed(format_args!(
            "functions that complete each other at .debug_info+{origin:#x}"
        )))
    }

    fn function_at(&self, offset: usize) -> Result<(RawFunction<'a>, Vec<RawParameter>), Error> {
        let missing = || Error::malformed(format_args!("no function at .debug_info+{offset:#x}"));
        let start =
            |unit: &gimli::Unit<_>| unit.header.debug_info_offset().map_or(0, |offset| offset.0);
        let index = self
            .units
            .partition_point(|unit| start(unit) <= offset)
            .checked_sub(1)
            .ok_or_else(missing)?;
        let unit = self.units.get(index).ok_or_else(missing)?;
        let base = start(unit);
        let mut entries = unit.entries_raw(Some(gimli::UnitOffset(offset - base)))?;
        let Some(abbreviation) = entries
            .read_abbreviation()?
            .filter(|entry| entry.tag() == dw::DW_TAG_subprogram)
        else {
            return Err(missing());
        };
        let attributes = Attributes::read(
            &mut entries,
            abbreviation.attributes(),
            &self.dwarf,
            unit,
            base,
        )?;
        let scope = self
            .scopes
            .binary_search_by_key(&offset, |(at, _)| *at)
            .ok()
            .and_then(|at| self.scopes.get(at))
            .map_or(NONE, |(_, scope)| *scope);
        let mut parameters = Vec::new();
        while entries.next_depth() > 0 && !entries.is_empty() {
            let depth = entries.next_depth();
            let Some(child) = entries.read_abbreviation()? else {
                continue;
            };
            let is_type_argument = child.tag() == dw::DW_TAG_template_type_parameter;
            let is_wanted = is_type_argument || child.tag() == dw::DW_TAG_formal_parameter;
            if depth == 1 && is_wanted {
                let attributes =
                    Attributes::read(&mut entries, child.attributes(), &self.dwarf, unit, base)?;
                parameters.push(RawParameter {
                    owner: 0,
                    target: attributes.target,
                    is_type_argument,
                });
            } else {
                entries.skip_attributes(child.attributes())?;
            }
        }
        Ok((record(super::index(index)?, scope, &attributes), parameters))
    }
}
