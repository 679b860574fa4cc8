/** A function in a patch image; `address` is relative to the program's load bias. */
export interface Code {
  readonly address: bigint;
  readonly size: bigint;
  readonly name: string;
}

interface Section {
  readonly type: number;
  readonly name: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

interface Plan {
  readonly distance: number;
  readonly redirects?: readonly { readonly symbol: string; readonly name: string }[];
}

const SYMTAB = 2;
const FUNCTION = 2;

/**
 * The functions in the symbol table of an image (ELF64, little-endian; gABI "Sections", "Symbol Table"), with the names
 * of the plan where it has them and symbols elsewhere. None when it is no such image.
 */
export function codeOf(image: Buffer): readonly Code[] {
  try {
    const sections = sectionsOf(image);
    const names = bytesOf(image, sections[image.readUInt16LE(62)]);
    const plan = sections.find(({ name }) => text(names, name) === '.nx_hotpatch');
    const table = sections.find(({ type }) => type === SYMTAB);
    if (plan === undefined || table === undefined) return [];
    const { distance, redirects = [] } = JSON.parse(bytesOf(image, plan).toString()) as Plan;
    const spoken = new Map(redirects.map(({ symbol, name }) => [symbol, name]));
    const strings = bytesOf(image, sections[table.link]);
    return [...functionsIn(bytesOf(image, table))].map(({ symbol, address, size }) => {
      const name = text(strings, symbol);
      return { address: address + BigInt(distance), size, name: spoken.get(name) ?? name };
    });
  } catch {
    return [];
  }
}

function sectionsOf(image: Buffer): readonly Section[] {
  const [start, count] = [Number(image.readBigUInt64LE(40)), image.readUInt16LE(60)];
  return Array.from({ length: count }, (_, index) => {
    const header = image.subarray(start + index * 64);
    return {
      name: header.readUInt32LE(0),
      type: header.readUInt32LE(4),
      offset: Number(header.readBigUInt64LE(24)),
      size: Number(header.readBigUInt64LE(32)),
      link: header.readUInt32LE(40),
    };
  });
}

function* functionsIn(table: Buffer) {
  for (let at = 0; at + 24 <= table.length; at += 24) {
    const symbol = table.subarray(at);
    const size = symbol.readBigUInt64LE(16);
    if ((symbol.readUInt8(4) & 15) === FUNCTION && size > 0n)
      yield { symbol: symbol.readUInt32LE(0), address: symbol.readBigUInt64LE(8), size };
  }
}

function bytesOf(image: Buffer, section: Section | undefined): Buffer {
  if (section === undefined) throw new Error('a section is missing');
  return image.subarray(section.offset, section.offset + section.size);
}

function text(strings: Buffer, offset: number): string {
  return strings.toString('utf8', offset, strings.indexOf(0, offset));
}
