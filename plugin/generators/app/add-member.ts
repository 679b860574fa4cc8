import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { isTable, stringsAt, type Table, tableAt } from '../../cargo/manifest';

/**
 * The manifest of a Cargo workspace with one more member; all else, comments and layout included, stays as it is.
 * Undefined where the list cannot be found or the result would say something else than meant: the text is searched, as
 * no TOML writer would keep the layout, and then judged by what it says.
 */
export function addMember(text: string, member: string): string | undefined {
  const wanted = withMember(parse(text), member);
  const entry = JSON.stringify(member);
  const list = /^(\s*members\s*=\s*\[)([^\]]*)\]/m;
  const [, , items] = list.exec(text) ?? [];
  const candidates =
    items === undefined
      ? [
          text.replace(
            /^\[workspace\][^\n]*(\n|$)/m,
            (header) => `${header.trimEnd()}\nmembers = [${entry}]\n`,
          ),
        ]
      : [text.replace(list, (_, start: string) => `${start}${withItem(items, entry)}]`)];
  return candidates.find((candidate) => says(candidate, wanted));
}

/** The items of an array with one more at its end, in lines of their own if the others are. */
function withItem(items: string, entry: string): string {
  const trimmed = items.trimEnd();
  if (trimmed === '') return entry;
  const comma = trimmed.endsWith(',') ? '' : ',';
  const indent = /\n([ \t]*)\S[^\n]*$/.exec(trimmed)?.[1];
  return indent === undefined ? `${trimmed}${comma} ${entry}` : `${trimmed}${comma}\n${indent}${entry},\n`;
}

function withMember(table: Table, member: string): Table {
  const workspace = tableAt(table, 'workspace');
  return { ...table, workspace: { ...workspace, members: [...stringsAt(workspace, 'members'), member] } };
}

function says(text: string, wanted: Table): boolean {
  try {
    const table: unknown = parse(text);
    return isTable(table) && isDeepStrictEqual(structuredClone(table), structuredClone(wanted));
  } catch {
    return false;
  }
}
