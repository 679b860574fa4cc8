import { closeSync, openSync, readSync } from 'node:fs';

const PT_NOTE = 4;
const NT_GNU_BUILD_ID = 3;

/**
 * The GNU build id of an ELF64 little-endian file in lower-case hex; undefined when it is no such file or has none.
 * Field offsets: System V gABI, "ELF Header" and "Program Header"; notes are padded to 4 bytes.
 */
export function readBuildId(file: string): string | undefined {
  const fd = openSync(file, 'r');
  try {
    const header = read(fd, 0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header.readUInt16BE(4) !== 0x0201)
      return undefined;
    const entrySize = header.readUInt16LE(54);
    const table = read(fd, Number(header.readBigUInt64LE(32)), entrySize * header.readUInt16LE(56));
    for (let at = 0; entrySize >= 56 && at + entrySize <= table.length; at += entrySize) {
      if (table.readUInt32LE(at) !== PT_NOTE) continue;
      const offset = Number(table.readBigUInt64LE(at + 8));
      const size = Number(table.readBigUInt64LE(at + 32));
      const found = buildIdAmong(read(fd, offset, Math.min(size, 0x10000)));
      if (found) return found;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function buildIdAmong(notes: Buffer): string | undefined {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = notes.readUInt32LE(at);
    const descSize = notes.readUInt32LE(at + 4);
    const desc = at + 12 + align4(nameSize);
    const isGnu = notes.toString('latin1', at + 12, at + 12 + nameSize) === 'GNU\0';
    if (isGnu && notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID)
      return notes.toString('hex', desc, desc + descSize);
    at = desc + align4(descSize);
  }
  return undefined;
}

function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** Shorter than asked for at the end of the file. */
function read(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(fd, buffer, 0, length, position));
}
