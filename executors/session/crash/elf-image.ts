import elfy from 'elfy';

/** A function of an image; addresses are the image's own, before it is loaded somewhere. */
export interface ImageFunction {
  readonly symbol: string;
  readonly start: number;
  readonly end: number;
}

/** st_info of an Elf64_Sym: its lower four bits are the type (gABI, Symbol Table). */
const STT_FUNC = 2;
const SYMBOL_BYTES = 24;

/** The functions and the code of an executable or a patch image, to tell what an address belongs to. */
export class ElfImage {
  readonly #functions: readonly ImageFunction[];
  readonly #code: readonly { readonly start: number; readonly bytes: Buffer }[];
  readonly #sections: readonly elfy.Section[];

  /** @throws Error when the bytes are no ELF file */
  constructor(bytes: Buffer) {
    this.#sections = elfy.parse(bytes).body.sections;
    this.#functions = functionsOf(this.section('.symtab'), this.section('.strtab'));
    this.#code = this.#sections
      .filter(({ flags, type }) => flags.execinstr === true && type !== 'nobits')
      .map(({ addr, data }) => ({ start: addr, bytes: data }));
  }

  /** Empty when the image has no such section. */
  section(name: string): Buffer {
    return this.#sections.find((section) => section.name === name)?.data ?? Buffer.alloc(0);
  }

  /** The function that holds an address. */
  functionAt(address: number): ImageFunction | undefined {
    let [low, high] = [0, this.#functions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { start } = this.#functions[middle] as ImageFunction;
      if (start <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.#functions[low - 1];
    return found !== undefined && address < found.end ? found : undefined;
  }

  /** Whether the instruction before an address may be a call: only then can the address be one to return to. */
  followsCall(address: number): boolean {
    const section = this.#code.find(({ start, bytes }) => address > start && address <= start + bytes.length);
    if (section === undefined) return false;
    const at = address - section.start;
    return endsInCall(section.bytes.subarray(Math.max(0, at - LONGEST_CALL), at));
  }
}

/** `ff /2` with a SIB byte and a 32-bit displacement. */
const LONGEST_CALL = 7;

/**
 * `e8 rel32`, or `ff /2` with every form of operand, with or without a REX prefix before it (Intel SDM, CALL): read
 * backwards, as more than one instruction can end here, "may be" is all that can be said.
 */
function endsInCall(bytes: Buffer): boolean {
  const back = (count: number) => bytes[bytes.length - count];
  if (back(5) === 0xe8) return true;
  return [2, 3, 4, 6, 7].some((length) => {
    const modrm = back(length - 1) ?? 0;
    return (
      back(length) === 0xff && (modrm >> 3) % 8 === 2 && operandBytes(modrm, back(length - 2)) === length - 1
    );
  });
}

/** Bytes of an operand with its ModRM byte (Intel SDM, volume 2, table 2-2). */
function operandBytes(modrm: number, sib: number | undefined): number {
  const [mode, register] = [modrm >> 6, modrm % 8];
  if (mode === 3) return 1;
  const withSib = register === 4 ? 2 : 1;
  if (mode === 1) return withSib + 1;
  if (mode === 2) return withSib + 4;
  const absolute = register === 5 || (register === 4 && (sib ?? 0) % 8 === 5);
  return absolute ? withSib + 4 : withSib;
}

function functionsOf(symbols: Buffer, strings: Buffer): readonly ImageFunction[] {
  const found: ImageFunction[] = [];
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    const section = symbols.readUInt16LE(at + 6);
    if (((symbols[at + 4] ?? 0) & 0xf) !== STT_FUNC || section === 0) continue;
    const name = symbols.readUInt32LE(at);
    const start = Number(symbols.readBigUInt64LE(at + 8));
    const size = Number(symbols.readBigUInt64LE(at + 16));
    const end = strings.indexOf(0, name);
    if (end < 0) continue;
    found.push({ symbol: strings.toString('latin1', name, end), start, end: start + size });
  }
  return found.sort((a, b) => a.start - b.start);
}
