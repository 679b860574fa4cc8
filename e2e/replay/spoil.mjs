/** Patches made wrong on purpose: a replay that cannot see these sees nothing. */

export const spoilers = {
  /** The patch is acknowledged, and one function keeps its old code. */
  'drop-redirect': (image) => withPlan(image, (plan) => ({ ...plan, redirects: plan.redirects.slice(1) })),
  /** Every new function begins with UD2 (0F 0B), which raises SIGILL. */
  crash: (image) => {
    const bytes = Buffer.from(image.bytes);
    const at = planIn(bytes);
    for (const { new: address } of at.plan.redirects) bytes.set([0x0f, 0x0b], fileOffset(bytes, address));
    return { ...image, bytes };
  },
};

function withPlan(image, change) {
  const bytes = Buffer.from(image.bytes);
  const { from, to, plan } = planIn(bytes);
  // Of the same length: white space after JSON is JSON.
  bytes.write(JSON.stringify(change(plan)).padEnd(to - from), from);
  return { ...image, bytes };
}

/** The plan is the one JSON object in the image: see native/protocol/README.md. */
function planIn(bytes) {
  const from = bytes.indexOf('{"format":');
  let depth = 0;
  let to = from;
  for (let quoted = false; to < bytes.length; to++) {
    const byte = String.fromCharCode(bytes[to]);
    if (byte === '"') quoted = !quoted;
    if (quoted) continue;
    if (byte === '{') depth += 1;
    if (byte === '}' && --depth === 0) break;
  }
  return { from, to: to + 1, plan: JSON.parse(bytes.toString('utf8', from, to + 1)) };
}

/** ELF64: the program header table is at `e_phoff`; a PT_LOAD (1) maps file bytes to addresses. */
function fileOffset(bytes, address) {
  const table = Number(bytes.readBigUInt64LE(32));
  for (let header = table; header < table + bytes.readUInt16LE(56) * 56; header += 56) {
    const [offset, start] = [8, 16].map((field) => Number(bytes.readBigUInt64LE(header + field)));
    const size = Number(bytes.readBigUInt64LE(header + 32));
    if (bytes.readUInt32LE(header) === 1 && address >= start && address < start + size)
      return offset + address - start;
  }
  throw new Error(`no segment of the patch holds ${address}`);
}
