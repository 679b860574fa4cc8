/**
 * An rlib is an archive of the crate's units and its metadata. The units are in the store anyway, so of the archive only
 * the rest is kept, and what is where.
 */

/** Bytes of the archive, in order: a unit's object, or so many bytes of the rest. */
export type Piece = { readonly unit: string } | { readonly rest: number };

export interface SplitRlib {
  readonly pieces: readonly Piece[];
  readonly rest: Buffer;
}

const MAGIC = '!<arch>\n';
const HEADER = 60;

/**
 * Takes the units out. What does not look like an archive is all rest.
 *
 * @param unit the object of a unit by its name; undefined for one that there is not
 */
export function splitRlib(rlib: Buffer, unit: (name: string) => Buffer | undefined): SplitRlib {
  const pieces: Piece[] = [];
  const rest: Buffer[] = [];
  let kept = 0;
  const keepTo = (end: number) => {
    if (end > kept) {
      pieces.push({ rest: end - kept });
      rest.push(rlib.subarray(kept, end));
    }
    kept = end;
  };
  for (const { name, from, to } of membersOf(rlib)) {
    // `<crate id>.<unit>.<random>.rcgu.o`
    const found = name.split('.').at(-4);
    const object = found === undefined ? undefined : unit(found);
    if (found === undefined || object === undefined || !object.equals(rlib.subarray(from, to))) continue;
    keepTo(from);
    pieces.push({ unit: found });
    kept = to;
  }
  keepTo(rlib.length);
  return { pieces, rest: Buffer.concat(rest) };
}

/** The same bytes again. */
export function joinRlib({ pieces, rest }: SplitRlib, unit: (name: string) => Buffer): Buffer {
  let at = 0;
  return Buffer.concat(
    pieces.map((piece) => {
      if ('unit' in piece) return unit(piece.unit);
      at += piece.rest;
      return rest.subarray(at - piece.rest, at);
    }),
  );
}

interface Member {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** ar(5) as GNU writes it: headers of 60 bytes, long names in the member `//`, members at even places. */
function membersOf(archive: Buffer): readonly Member[] {
  if (archive.toString('latin1', 0, MAGIC.length) !== MAGIC) return [];
  const members: Member[] = [];
  let names = '';
  for (let at = MAGIC.length; at + HEADER <= archive.length; ) {
    const header = archive.toString('latin1', at, at + HEADER);
    const size = Number.parseInt(header.slice(48, 58), 10);
    const from = at + HEADER;
    const to = from + size;
    if (!(size >= 0) || to > archive.length) return members;
    const name = header.slice(0, 16).trimEnd();
    if (name === '//') names = archive.toString('latin1', from, to);
    const long = /^\/(\d+)$/.exec(name)?.[1];
    members.push({
      name: long === undefined ? name.replace(/\/$/, '') : longName(names, Number(long)),
      from,
      to,
    });
    at = to + (size % 2);
  }
  return members;
}

function longName(names: string, at: number): string {
  const end = names.indexOf('\n', at);
  return names.slice(at, end < 0 ? undefined : end).replace(/\/$/, '');
}
