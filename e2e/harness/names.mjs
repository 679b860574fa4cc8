/**
 * Names of functions as cases write them: in the form of the legacy mangling. The v0 mangling, which newer compilers
 * use by default, says more (numbers of closures, arguments of generic functions, who an inherent method belongs to).
 */

/** Of the functions of a `patched` event those with this `change`, sorted. */
export function namesOf(event, change) {
  return inFormOf(
    event,
    event.functions.filter((candidate) => candidate.change === change).map(({ name }) => name),
  );
}

/**
 * The names that a case expects, in the form in which `namesOf` gives those of this event: `{ legacy, v0 }` where the
 * manglings name two things, as a default method (its trait, or the type that has it).
 */
export function expectedNames(event, names) {
  const mangling = hasV0(event) ? 'v0' : 'legacy';
  return inFormOf(
    event,
    names.map((name) => (typeof name === 'string' ? name : name[mangling])),
  );
}

/** Both kinds of mangling meet in one program when std was built with another one than the workspace. */
function inFormOf(event, names) {
  return (hasV0(event) ? names.map(legacyForm) : [...names]).sort();
}

function hasV0({ functions }) {
  return functions.some(({ symbol }) => symbol.startsWith('_R'));
}

/**
 * What the user's own crates define. Instances of generic functions of std come along with a new call, and so do the
 * shims by which a closure or function is called through `Fn`; which ones is the compiler's affair.
 */
export function isOwn(name) {
  const ofStd = /^<?\[?((&(mut )?)?\w+\]? as )?(core|alloc|std)::/.test(name);
  const shim = / as core::ops::function::Fn(Once|Mut)?>/.test(name);
  // `<*const _>::offset_from`: only core may give methods of their own to types that have no path.
  // `<u8 as <[_]>::to_vec_in::ConvertVec>::to_vec`: a trait within such a method.
  const ofPrimitive = /^<(?!.* as )|^<\w+ as <\[/.test(name);
  return !ofStd && !shim && !ofPrimitive;
}

function legacyForm(name) {
  const plain = withoutArguments(name).replace(/\{(\w+)#\d+\}/g, (_, kind) => `{{${KINDS[kind] ?? kind}}}`);
  // `<app::Program>::answer`: an inherent method. `<app::Program as Trait>::answer` is written so in both, and so is
  // `<f64>::powf`, whose legacy path (`std::f64::<impl f64>::powf`) it does not tell.
  // That a closure stands in a constant not every compiler says.
  return plain.replace(/<(\w+::[\w:]+)>::/g, '$1::').replace('{{constant}}::', '');
}

/** The demangler knows no word for the namespace of constants. */
const KINDS = { K: 'constant' };

/** `mid::largest::<u8>` and `Set<T,A>::len` without what stands in the brackets; `<A as B>` is no argument. */
function withoutArguments(name) {
  let text = '';
  let depth = 0;
  for (const [at, char] of [...name].entries()) {
    const arrow = char === '>' && name[at - 1] === '-';
    if (char === '<' && (depth > 0 || /[\w>]$|\w::$/.test(text))) depth += 1;
    else if (char === '>' && depth > 0 && !arrow) depth -= 1;
    else if (depth === 0) text += char;
  }
  return text.replace(/::(?=::|$|>| )/g, '');
}
