import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineCall } from '../../pipeline/engine';
import type { Crashed, Hello } from '../loader-connection/messages';
import type { Death } from '../program/deaths';
import { elfImage } from '../testing/elf';
import { crashReport } from './crash-report';
import { ElfImage } from './elf-image';
import { type Evidence, keepEvidence, readEvidence } from './evidence';

const BIAS = 0x5555_0000_0000;
const DISTANCE = -0x1000_0000;
const MAIN = 0x1000;
const CALLED = 0x1040;
const PATCHED = 0x2000;

/** A function of 0x40 bytes that ends in a call of another. */
function code(): Buffer {
  const text = Buffer.alloc(0x40, 0x90);
  text.writeUInt8(0xe8, 0x40 - 5);
  return text;
}

const program = elfImage({
  textAt: MAIN,
  text: Buffer.concat([code(), code()]),
  functions: [
    { symbol: 'called', at: CALLED, size: 0x40 },
    { symbol: 'main', at: MAIN, size: 0x40 },
  ],
});
const patchImage = elfImage({
  textAt: PATCHED,
  text: Buffer.concat([code(), Buffer.alloc(8, 0x90)]),
  functions: [{ symbol: 'called', at: PATCHED, size: 0x40 }],
  sections: { '.nx_hotpatch': Buffer.from(JSON.stringify({ distance: DISTANCE })) },
});

const HELLO = { pid: 7, loadBias: `0x${BIAS.toString(16)}`, token: 'secret' } as unknown as Hello;
const hex = (address: number) => `0x${address.toString(16)}`;
const inProgram = (address: number) => BIAS + address;
const inPatch = (address: number) => BIAS + DISTANCE + address;

function death(pc: number, ...stack: number[]): Death {
  const words = stack.map((word) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(word));
    return bytes;
  });
  const crash = {
    signal: 11,
    code: 1,
    thread: 'worker',
    pc: hex(pc),
    address: '0x8',
    stack: Buffer.concat(words),
  };
  return {
    hello: HELLO,
    signal: 'SIGSEGV',
    crash: crash as unknown as Crashed,
    patches: [{ patch: 3, bytes: patchImage }],
  };
}

const engine: EngineCall = async (request) => {
  const { op, symbols, addresses } = request as { op: string; symbols: string[]; addresses: number[] };
  if (op === 'places') {
    return {
      reply: { places: addresses.map((line) => (line === CALLED - 1 ? null : { file: 'main.rs', line })) },
    };
  }
  return { reply: { names: symbols.map((symbol) => `app::${symbol}`) } };
};

let folder: string;
let image: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nx-hotpatch-spec-'));
  image = join(folder, 'image');
  writeFileSync(image, program);
});
afterEach(() => rmSync(folder, { recursive: true }));

const report = (of: Death) => crashReport(of, image, engine);

test('an address is told by the function that holds it, and by none between functions', () => {
  const elf = new ElfImage(program);
  expect(
    [MAIN - 1, MAIN, CALLED - 1, CALLED, CALLED + 0x3f, CALLED + 0x40].map(
      (at) => elf.functionAt(at)?.symbol,
    ),
  ).toEqual([undefined, 'main', 'main', 'called', 'called', undefined]);
});

test.each<[string, number[], boolean]>([
  ['call rel32', [0xe8, 1, 2, 3, 4], true],
  ['call [rip+disp32]', [0xff, 0x15, 1, 2, 3, 4], true],
  ['call rax', [0xff, 0xd0], true],
  ['call [rax+8]', [0xff, 0x50, 8], true],
  ['call [rsp+8]', [0xff, 0x54, 0x24, 8], true],
  ['call [rax+disp32]', [0xff, 0x90, 1, 2, 3, 4], true],
  ['call [rax*8+disp32]', [0xff, 0x14, 0xc5, 1, 2, 3, 4], true],
  ['jmp rax', [0xff, 0xe0], false],
  ['jmp rel32', [0xe9, 1, 2, 3, 4], false],
  ['nothing', [], false],
])('%s is seen as a call or not: %s', (_name, bytes, expected) => {
  const text = Buffer.from([...Array(8).fill(0x90), ...bytes, 0x90]);
  const elf = new ElfImage(elfImage({ textAt: 0x1000, text, functions: [] }));
  expect(elf.followsCall(0x1000 + 8 + bytes.length)).toBe(expected);
});

test('a crash in a patch names the function, the patch and who called it', async () => {
  const found = await report(death(inPatch(PATCHED + 4), 0, inProgram(CALLED), 0x1234));
  expect(found).toEqual({
    event: 'crashed',
    pid: 7,
    signal: 'SIGSEGV',
    thread: 'worker',
    address: '0x8',
    where: 'in-patch',
    patch: 3,
    function: 'app::called',
    frames: [
      {
        address: hex(inPatch(PATCHED + 4)),
        function: 'app::called',
        offset: 4,
        patch: 3,
        at: `main.rs:${PATCHED + 4}`,
        certain: true,
      },
      // The call is the last instruction of `main`: what follows is another function.
      {
        address: hex(inProgram(CALLED)),
        function: 'app::main',
        offset: 0x40,
        patch: null,
        at: null,
        certain: false,
      },
    ],
  });
});

test('a crash in foreign code blames the patch that a return address on the stack leads into', async () => {
  const found = await report(death(0x7fff_0000_0000, inProgram(CALLED), inPatch(PATCHED + 0x40)));
  expect(found).toMatchObject({ where: 'under-patch', patch: 3, function: 'app::called' });
  expect(found.frames.map(({ function: name }) => name)).toEqual([null, 'app::main', 'app::called']);
});

test('words on the stack that no call precedes are no frames', async () => {
  const found = await report(death(inProgram(MAIN + 2), inPatch(PATCHED + 8), inProgram(MAIN + 9)));
  expect(found).toMatchObject({ where: 'program', patch: null, function: null });
  expect(found.frames).toHaveLength(1);
});

test('a process without a last word is told as such', async () => {
  const found = await report({ ...death(0), signal: 'SIGKILL', crash: undefined });
  expect(found).toMatchObject({
    signal: 'SIGKILL',
    where: 'unknown',
    thread: null,
    address: null,
    frames: [],
  });
});

describe('what is kept of a crash', () => {
  const evidence = (time: string): Omit<Evidence, 'patches'> => ({
    time,
    signal: 'SIGSEGV',
    crash: null,
    hello: HELLO,
    program: {
      args: ['-v'],
      cwd: '/',
      env: { A: '1' },
      envNames: ['HOME'],
      image: '/app',
      shared: false,
      buildId: 'ab',
      targetDir: folder,
    },
    versions: {},
  });
  const files = () => ({
    image,
    patches: [{ patch: 3, bytes: patchImage }],
    stack: Buffer.from('stack'),
    sources: '',
    report: 'it crashed\n',
  });

  test('is for its user only, complete, and can be read again', () => {
    const kept = keepEvidence(evidence('2026-01-02T03:04:05.678Z'), files());
    expect(kept).toBe(join(folder, 'hotpatch/crashes/20260102T030405Z-7'));
    expect(statSync(kept).mode & 0o777).toBe(0o700);
    const read = readEvidence(kept);
    expect(read.program.args).toEqual(['-v']);
    expect(read.patches.map((patch) => [patch.patch, read.patchBytes(patch)])).toEqual([[3, patchImage]]);
    expect(readFileSync(read.image)).toEqual(program);
  });

  test('is forgotten when many later ones are there', () => {
    const names = Array.from({ length: 10 }, (_, minute) =>
      keepEvidence(evidence(`2026-01-02T03:0${minute}:00.000Z`), files()),
    );
    const left = readdirSync(join(folder, 'hotpatch/crashes')).map((name) =>
      join(folder, 'hotpatch/crashes', name),
    );
    expect(left).toEqual(names.slice(2));
  });

  test('is asked for by its folder, and anything else is one sentence', () => {
    mkdirSync(join(folder, 'empty'));
    expect(() => readEvidence(join(folder, 'empty'))).toThrow(/holds no crash .*: check the path/);
    writeFileSync(join(folder, 'empty/crash.json'), '{"format":0}');
    expect(() => readEvidence(join(folder, 'empty'))).toThrow(/another version/);
  });
});
