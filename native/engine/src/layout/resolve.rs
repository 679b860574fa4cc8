//! Names of types, made when they are asked for: `app::State<alloc::string::String>`, `&[u16; 7]`, `*mut app::Node`.
//!
//! rustc names references, slices, tuples, function pointers and generic instances in full; what has no name of its own
//! (arrays, some pointers) is named after its parts, and what stands in a namespace or in a type is named by its path.

use super::error::Error;
use super::items;
use super::names::{Interner, NameId, Names};
use super::record::{Node, NodeKind, RawName, NONE};
use super::scan::{self, Scan};
use rustc_hash::{FxHashMap, FxHashSet};

/// Deeper paths or array nests are taken for a cycle, which only damaged entries can hold.
const DEPTH: usize = 200;

/// Each name can be made of those of all scopes around it, so a small file can ask for more text than memory holds.
const LENGTH: usize = 256 << 20;

pub struct Resolver<'s, 'a> {
    scan: &'s Scan<'a>,
    by_offset: FxHashMap<usize, u32>,
    interner: Interner,
    /// Names of nodes made so far.
    known: Vec<Option<NameId>>,
    /// Names from `.debug_str` by their offset, which spares most of them being read again.
    plain: FxHashMap<usize, NameId>,
    /// Offsets of the types of function items.
    items: FxHashSet<usize>,
    unit: NameId,
}

impl<'s, 'a> Resolver<'s, 'a> {
    pub fn new(scan: &'s Scan<'a>) -> Self {
        let mut interner = Interner::default();
        let unit = interner.intern("()");
        let by_offset: FxHashMap<usize, u32> = scan
            .nodes
            .iter()
            .zip(0..)
            .map(|(node, index)| (node.offset, index))
            .collect();
        Resolver {
            scan,
            items: items::find(scan, &by_offset),
            by_offset,
            interner,
            known: vec![None; scan.nodes.len()],
            plain: FxHashMap::default(),
            unit,
        }
    }

    /// The node that a type reference means.
    pub fn find(&self, target: usize) -> Option<(u32, &'s Node<'a>)> {
        let index = *self.by_offset.get(&target)?;
        Some((index, self.scan.nodes.get(index as usize)?))
    }

    /// Whether the type at `target` is a function item's, which has no bytes: [`items`].
    pub fn is_function_item(&self, target: Option<usize>) -> bool {
        target.is_some_and(|target| self.items.contains(&target))
    }

    /// The same of what references and pointers at `target` lead to.
    pub fn leads_to_function_item(&self, mut target: Option<usize>) -> bool {
        for _ in 0..DEPTH {
            if self.is_function_item(target) {
                return true;
            }
            let node = target.and_then(|at| self.find(at)).map(|(_, node)| node);
            match node.filter(|node| node.kind == NodeKind::Pointer) {
                Some(pointer) => target = pointer.target,
                None => return false,
            }
        }
        false
    }

    /// The name of the type at `target`; no type at all is `()`.
    pub fn type_name(&mut self, target: Option<usize>) -> Result<NameId, Error> {
        self.reference(target, 0)
    }

    /// The qualified name of a scope; the top has none.
    pub fn scope_name(&mut self, scope: u32) -> Result<NameId, Error> {
        if scope == NONE {
            return Ok(self.intern(""));
        }
        self.name(scope, 0)
    }

    /// The qualified name of a node.
    pub fn node_name(&mut self, index: u32) -> Result<NameId, Error> {
        self.name(index, 0)
    }

    /// The text of a name as it stands in an entry.
    pub fn plain_name(&mut self, name: RawName<'a>) -> Result<NameId, Error> {
        let RawName::Offset(offset) = name else {
            let text = scan::text(name, &self.scan.dwarf)?;
            return Ok(self.interner.intern(text));
        };
        if let Some(id) = self.plain.get(&offset) {
            return Ok(*id);
        }
        let id = self.interner.intern(scan::text(name, &self.scan.dwarf)?);
        self.plain.insert(offset, id);
        Ok(id)
    }

    pub fn intern(&mut self, text: &str) -> NameId {
        self.interner.intern(text)
    }

    pub fn text(&self, id: NameId) -> &str {
        self.interner.get(id)
    }

    pub fn digest(&self, id: NameId) -> u64 {
        self.interner.digest(id)
    }

    pub fn finish(self) -> Names {
        self.interner.finish()
    }

    fn reference(&mut self, target: Option<usize>, depth: usize) -> Result<NameId, Error> {
        let Some(target) = target else {
            return Ok(self.unit);
        };
        let index = self.by_offset.get(&target);
        let index = *index
            .ok_or_else(|| Error::malformed(format_args!("no type at .debug_info+{target:#x}")))?;
        self.name(index, depth)
    }

    fn name(&mut self, index: u32, depth: usize) -> Result<NameId, Error> {
        let missing = || Error::malformed("a link to an entry that is not there");
        if let Some(id) = *self.known.get(index as usize).ok_or_else(missing)? {
            return Ok(id);
        }
        if depth > DEPTH {
            return Err(Error::malformed("types that contain themselves"));
        }
        if self.interner.size() > LENGTH {
            return Err(Error::malformed("names of more than 256 MiB"));
        }
        let node = *self.scan.nodes.get(index as usize).ok_or_else(missing)?;
        let id = if node.name.is_none() {
            self.made_up_name(&node, depth)?
        } else if node.parent == NONE {
            self.plain_name(node.name)?
        } else {
            let parent = self.name(node.parent, depth + 1)?;
            let own = scan::text(node.name, &self.scan.dwarf)?;
            let path = [self.interner.get(parent), "::", own].concat();
            self.interner.intern(&path)
        };
        if let Some(slot) = self.known.get_mut(index as usize) {
            *slot = Some(id);
        }
        Ok(id)
    }

    fn made_up_name(&mut self, node: &Node<'a>, depth: usize) -> Result<NameId, Error> {
        let target = self.reference(node.target, depth + 1)?;
        let target = self.interner.get(target);
        let text = match (node.kind, node.count) {
            (NodeKind::Pointer, _) => format!("*{target}"),
            (NodeKind::Array, Some(count)) => format!("[{target}; {count}]"),
            (NodeKind::Array, None) => format!("[{target}]"),
            (NodeKind::Other, _) => target.to_owned(),
            _ => "{unnamed}".to_owned(),
        };
        Ok(self.interner.intern(&text))
    }
}
