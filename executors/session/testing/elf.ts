/** The least ELF image that tells functions: `.text` at `textAt`, a symbol table, and further sections as given. */
export function elfImage(spec: {
  readonly textAt: number;
  readonly text: Buffer;
  readonly functions: readonly { readonly symbol: string; readonly at: number; readonly size: number }[];
  readonly sections?: Readonly<Record<string, Buffer>>;
}): Buffer {
  const strings = Buffer.from(`\0${spec.functions.map(({ symbol }) => `${symbol}\0`).join('')}`);
  const symbols = spec.functions.map(({ symbol, at, size }) => {
    const entry = Buffer.alloc(24);
    entry.writeUInt32LE(strings.indexOf(`\0${symbol}\0`) + 1, 0);
    entry.writeUInt8(2, 4);
    entry.writeUInt16LE(1, 6);
    entry.writeBigUInt64LE(BigInt(at), 8);
    entry.writeBigUInt64LE(BigInt(size), 16);
    return entry;
  });
  const sections: { name: string; type: number; flags: number; addr: number; data: Buffer }[] = [
    { name: '', type: 0, flags: 0, addr: 0, data: Buffer.alloc(0) },
    { name: '.text', type: 1, flags: 6, addr: spec.textAt, data: spec.text },
    { name: '.symtab', type: 2, flags: 0, addr: 0, data: Buffer.concat([Buffer.alloc(24), ...symbols]) },
    { name: '.strtab', type: 3, flags: 0, addr: 0, data: strings },
    ...Object.entries(spec.sections ?? {}).map(([name, data]) => ({
      name,
      type: 1,
      flags: 0,
      addr: 0,
      data,
    })),
  ];
  const names = Buffer.from([...sections.map(({ name }) => `${name}\0`), '.shstrtab\0'].join(''));
  sections.push({ name: '.shstrtab', type: 3, flags: 0, addr: 0, data: names });

  let offset = 64;
  let nameAt = 0;
  const headers = sections.map(({ name, type, flags, addr, data }) => {
    const header = Buffer.alloc(64);
    header.writeUInt32LE(nameAt, 0);
    header.writeUInt32LE(type, 4);
    header.writeBigUInt64LE(BigInt(flags), 8);
    header.writeBigUInt64LE(BigInt(addr), 16);
    header.writeBigUInt64LE(BigInt(offset), 24);
    header.writeBigUInt64LE(BigInt(data.length), 32);
    nameAt += name.length + 1;
    offset += data.length;
    return header;
  });
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(3, 16);
  head.writeUInt16LE(62, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(offset), 40);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(64, 58);
  head.writeUInt16LE(sections.length, 60);
  head.writeUInt16LE(sections.length - 1, 62);
  return Buffer.concat([head, ...sections.map(({ data }) => data), ...headers]);
}
