import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  archivesOf,
  expandResponseFiles,
  formatResponseFile,
  isStatic,
  outputOf,
  parseResponseFile,
  patchableLibraryArguments,
  patchableLinkArguments,
} from './link-arguments';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'hotpatch-link-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a link that can be patched', () => {
  it('has the loader before all else and a build id at the end', () => {
    expect(patchableLinkArguments(['-m64', 'a.o', '-Wl,--as-needed', '-lc'], '/l/loader.so')).toEqual([
      '-Wl,--push-state,--no-as-needed',
      '/l/loader.so',
      '-Wl,--pop-state',
      ...['-m64', 'a.o', '-Wl,--as-needed', '-lc'],
      '-Wl,--build-id=sha1',
    ]);
  });

  it('loads the maths library that an edit may begin to call', () => {
    const args = patchableLinkArguments(['a.o', '-Wl,--as-needed', '-lm', '-lc'], 'l');
    expect(args.slice(0, 4)).toEqual(['-Wl,--push-state,--no-as-needed', 'l', '-lm', '-Wl,--pop-state']);
  });

  it('of a shared library has what announces it in place of the loader', () => {
    expect(patchableLibraryArguments(['a.o', '-Wl,--gc-sections', '-shared', '-s'], '/l/announce.o')).toEqual(
      [...['/l/announce.o', 'a.o', '-Wl,--gc-sections', '-shared'], '-Wl,--build-id=sha1'],
    );
  });

  it('speaks to a bare linker without -Wl', () => {
    const args = patchableLinkArguments(['a.o', '--as-needed'], '/l/loader.so');
    expect(args.slice(0, 4)).toEqual(['--push-state', '--no-as-needed', '/l/loader.so', '--pop-state']);
    expect(args.at(-1)).toBe('--build-id=sha1');
  });

  it('keeps symbols and does not fold functions', () => {
    const given = [
      '-s',
      '-Wl,--strip-all',
      '-Wl,-z,relro,--icf=all,-S',
      '-Wl,--build-id=none',
      '-Wl,--gc-sections',
    ];
    const args = patchableLinkArguments(given, 'l');
    expect(args.slice(3)).toEqual(['-Wl,-z,relro', '-Wl,--gc-sections', '-Wl,--build-id=sha1']);
  });
});

it('says which archives are linked, in order, with those named by -l while linking statically', () => {
  writeFileSync(path.join(folder, 'libnative.a'), '');
  const args = [
    '-L',
    folder,
    'deps/liba-1.rlib',
    '-Wl,-Bstatic',
    '-lnative',
    '-Wl,-Bdynamic',
    '-lc',
    '/x/libb.a',
  ];
  expect(archivesOf(args, '/w')).toEqual([
    '/w/deps/liba-1.rlib',
    path.join(folder, 'libnative.a'),
    '/x/libb.a',
  ]);
});

it('says where the output goes and whether it is static', () => {
  expect(outputOf(['a.o', '-o', 'out/app'], '/w')).toBe('/w/out/app');
  expect(isStatic(['-static-pie'])).toBe(true);
  expect(isStatic(['-pie'])).toBe(false);
});

describe('a response file', () => {
  it('is read with quotes and backslashes as the compiler reads it', () => {
    expect(parseResponseFile('-o "a b"\nc\\ d \'e"f\' ""')).toEqual(['-o', 'a b', 'c d', 'e"f', '']);
  });

  it('says after writing and reading what it said before', () => {
    const args = ['-o', 'with space', 'quo"te', "apo'strophe", 'back\\slash', ''];
    expect(parseResponseFile(formatResponseFile(args))).toEqual(args);
  });

  it('is expanded where it stands, and a name with @ that is no file stays', () => {
    writeFileSync(path.join(folder, 'args'), '-la\n-lb\n');
    expect(expandResponseFiles(['x.o', '@args', '@other'], folder)).toEqual(['x.o', '-la', '-lb', '@other']);
  });
});
