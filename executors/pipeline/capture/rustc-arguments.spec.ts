import { amendArguments, linkerOf, refuseLto } from './amend-arguments';
import { codegenOption, codegenOptions, setCodegenOption } from './codegen-options';
import { crateIdOfOutput, readCrateArguments } from './crate-arguments';

/** As cargo 1.95 calls rustc for a library. */
const LIBRARY = [
  ...['--crate-name', 'core_lib', '--edition=2021', 'core_lib/src/lib.rs', '--error-format=json'],
  ...['--json=diagnostic-rendered-ansi,artifacts,future-incompat', '--crate-type', 'lib'],
  ...['--emit=dep-info,metadata,link', '-C', 'embed-bitcode=no', '-C', 'debuginfo=2', '--check-cfg'],
  ...['cfg(docsrs,test)', '-C', 'metadata=25e065191e4e7336', '-C', 'extra-filename=-54d39072d9d25d34'],
  ...[
    '--out-dir',
    '/t/debug/deps',
    '-C',
    'incremental=/t/debug/incremental',
    '-L',
    'dependency=/t/debug/deps',
  ],
  ...['--extern', 'base=/t/debug/deps/libbase-35378abf1e78f93d.rmeta', '--extern', 'proc_macro'],
];

function changed(...changes: readonly [string, string][]): readonly string[] {
  return LIBRARY.map((arg) => changes.find(([from]) => from === arg)?.[1] ?? arg);
}

describe('the crate that cargo compiles', () => {
  it('is read from its command line', () => {
    expect(readCrateArguments(LIBRARY, {})).toEqual({
      id: 'core_lib-54d39072d9d25d34',
      stem: 'core_lib-54d39072d9d25d34',
      name: 'core_lib',
      kind: 'lib',
      root: 'core_lib/src/lib.rs',
      outDir: '/t/debug/deps',
      externs: [{ name: 'base', path: '/t/debug/deps/libbase-35378abf1e78f93d.rmeta' }],
    });
  });

  it.each([
    ['bin', 'bin', 'app', { CARGO_BIN_NAME: 'app' }],
    ['build-script', 'bin', 'build_script_build', {}],
    ['bin', 'bin', 'build_script_build', { CARGO_BIN_NAME: 'build_script_build' }],
    ['proc-macro', 'proc-macro', 'mac', {}],
  ])('is of kind %s for crate type %s and name %s', (kind, type, name, env) => {
    const crate = readCrateArguments(changed(['lib', type], ['core_lib', name]), env);
    expect(crate?.kind).toBe(kind);
  });

  it('is an executable when cargo names no type, as for a test with its own harness', () => {
    const args = LIBRARY.filter((arg) => arg !== '--crate-type' && arg !== 'lib');
    expect(readCrateArguments(args, {})?.kind).toBe('bin');
  });

  it('has the plain name when it is a shared library, and is told apart by its metadata', () => {
    const plain = changed(['lib', 'cdylib']).filter((arg) => !arg.startsWith('extra-filename='));
    expect(readCrateArguments(plain, {})).toMatchObject({
      id: 'core_lib-25e065191e4e7336',
      stem: 'core_lib',
      kind: 'cdylib',
    });
    expect(readCrateArguments([...plain, '--crate-type', 'rlib'], {})?.kind).toBe('cdylib');
  });

  it('is an executable when it is built as a test', () => {
    expect(readCrateArguments([...LIBRARY, '--test'], {})?.kind).toBe('bin');
  });

  it.each([
    ['a probe', ['-vV']],
    ['a probe from standard input', ['-', '--crate-name', '___', '--print=file-names']],
    ['a check', changed(['--emit=dep-info,metadata,link', '--emit=dep-info,metadata'])],
    ['a test by a build script', LIBRARY.filter((arg) => !arg.includes('extra-filename'))],
  ])('is not read from %s', (_, args) => {
    expect(readCrateArguments(args, {})).toBeUndefined();
  });

  it('is named by its output', () => {
    expect(crateIdOfOutput('/t/libbase-35378abf1e78f93d.rlib')).toBe('base-35378abf1e78f93d');
  });
});

describe('a codegen option', () => {
  it('is found in every spelling, and the last one counts', () => {
    const args = ['-C', 'opt-level=1', '-Copt_level=2', '--codegen', 'opt-level=3', '--codegen=lto', '-g'];
    expect(codegenOptions(args).map(({ name, value }) => [name, value])).toEqual([
      ['opt-level', '1'],
      ['opt-level', '2'],
      ['opt-level', '3'],
      ['lto', null],
    ]);
    expect(codegenOption(args, 'opt-level')?.value).toBe('3');
    expect(setCodegenOption(args, 'opt-level', '0')).toEqual(['--codegen=lto', '-g', '-C', 'opt-level=0']);
  });
});

describe('the amended command line', () => {
  const amend = (args: readonly string[]) => amendArguments(args, { incremental: '/h/i' });
  const value = (args: readonly string[], name: string) => codegenOption(amend(args), name)?.value;

  it('changes nothing but the incremental folder of a dev build', () => {
    const others = LIBRARY.filter((arg) => !arg.startsWith('incremental=')).length;
    expect(amend(LIBRARY)).toHaveLength(others + 1);
    expect(value(LIBRARY, 'incremental')).toBe('/h/i');
  });

  it.each([
    ['line-tables-only', '2'],
    ['1', '2'],
    ['full', 'full'],
  ])('has full debug information where debuginfo was %s', (given, expected) => {
    expect(value(changed(['debuginfo=2', `debuginfo=${given}`]), 'debuginfo')).toBe(expected);
  });

  it('leaves -g alone', () => {
    const args = ['-C', 'debuginfo=0', '-g'];
    expect(amend(args)).toEqual([...args, '-C', 'incremental=/h/i']);
  });

  it('keeps symbols, and debug information in one file', () => {
    const args = [...LIBRARY, '-C', 'strip=symbols', '-C', 'split-debuginfo=packed'];
    expect(value(args, 'strip')).toBe('none');
    expect(value(args, 'split-debuginfo')).toBe('off');
  });

  it('turns off the link-time optimisation that optimised crates have by default', () => {
    expect(value([...LIBRARY, '-C', 'opt-level=3'], 'lto')).toBe('off');
    expect(value([...LIBRARY, '-O'], 'lto')).toBe('off');
    expect(value([...LIBRARY, '-C', 'opt-level=0'], 'lto')).toBeUndefined();
  });

  it('links with our linker, whose user is known', () => {
    const args = [...LIBRARY, '-Clinker=clang'];
    expect(linkerOf(args)).toBe('clang');
    expect(linkerOf(LIBRARY)).toBe('cc');
    expect(
      codegenOption(amendArguments(args, { incremental: '/h/i', linker: '/h/clang' }), 'linker')?.value,
    ).toBe('/h/clang');
  });
});

describe('link-time optimisation', () => {
  it.each([[['-C', 'lto']], [['-Clto=thin']], [['-C', 'lto=fat']], [['-C', 'linker-plugin-lto']]])(
    'by %j is refused',
    (args) => {
      expect(refuseLto(args, 'app')?.code).toBe('lto');
    },
  );

  it.each([[[]], [['-C', 'lto=off']], [['-Clto=no']]])('is not seen in %j', (args) => {
    expect(refuseLto(args, 'app')).toBeUndefined();
  });
});
