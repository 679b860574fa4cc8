import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CrateRecord } from '../../artifacts';
import { executedElsewhere, type Own } from './executed';

const root = mkdtempSync(path.join(tmpdir(), 'hotpatch-bounds-'));
afterAll(() => rmSync(root, { recursive: true }));

const target = path.join(root, 'target');
const own: Own = {
  places: {
    workspace: root,
    sysroot: '/rustup/toolchains/stable',
    rustupHome: '/rustup',
    cargoHome: '/cargo',
  },
  targetDir: target,
  env: { CARGO_HOME: '/cargo', RUSTFLAGS: '-Zthreads=2 -C llvm-args=-own' },
  cwd: root,
};
const args = [
  ...['--crate-name', 'app', '--edition=2021', 'src/main.rs', '--error-format=json', '--json=artifacts'],
  ...[
    '--crate-type',
    'bin',
    '--emit=dep-info,link',
    '-C',
    'embed-bitcode=no',
    '-Cdebuginfo=2',
    '--warn=unused',
  ],
  ...[
    '--cfg',
    'feature="a"',
    '--check-cfg',
    'cfg(docsrs,test)',
    '-C',
    'metadata=1',
    '-C',
    'linker=bin/cc',
    '-W',
    'x',
  ],
  ...[
    '--out-dir',
    '/proc/self/fd/50',
    '-L',
    `dependency=${target}/debug/deps`,
    '--cap-lints',
    'warn',
    '-Dwarnings',
  ],
  ...['--extern', `noprelude:base=${target}/debug/deps/libbase-1.rlib`, '--extern', 'proc_macro'],
  ...[
    '-L',
    `native=${target}/debug/build/x/out`,
    '-L',
    '/usr/lib/x86_64-linux-gnu',
    '-l',
    'static=z',
    '--test',
  ],
];
const record = {
  name: 'app',
  rustc: '/rustup/toolchains/stable/bin/rustc',
  wrapper: null,
  cwd: root,
  args,
  env: {
    CARGO: '/rustup/toolchains/stable/bin/cargo',
    CARGO_PKG_NAME: 'app',
    CARGO_TARGET_TMPDIR: `${target}/tmp`,
    GIT_HASH: 'abc',
    LD_LIBRARY_PATH: `${target}/debug/deps:/rustup/toolchains/stable/lib`,
    OUT_DIR: `${target}/debug/build/app-1/out`,
    RUSTUP_HOME: '/rustup',
    RUSTUP_TOOLCHAIN: 'stable-x86_64-unknown-linux-gnu',
    RUST_RECURSION_COUNT: '1',
  },
} as unknown as CrateRecord;

const withArgs = (...more: string[]) => ({ ...record, args: [...args, ...more] });
const withVariable = (name: string, value: string) => ({ ...record, env: { ...record.env, [name]: value } });

it('is nothing in what cargo writes, with the flags that this clone asks for', () => {
  expect(executedElsewhere(record, own)).toBeUndefined();
  expect(executedElsewhere(withArgs('-Zthreads=2', '-C', 'llvm-args=-own'), own)).toBeUndefined();
});

it('knows flags and wrapper of the configuration', () => {
  const folder = path.join(root, 'configured');
  mkdirSync(path.join(folder, '.cargo'), { recursive: true });
  writeFileSync(
    path.join(folder, '.cargo/config.toml'),
    '[build]\nrustc-workspace-wrapper = "wrap"\nrustflags = ["-Z", "tune-cpu=native"]\n',
  );
  const configured = { ...own, cwd: folder };
  expect(
    executedElsewhere({ ...withArgs('-Z', 'tune-cpu=native'), wrapper: 'wrap' }, configured),
  ).toBeUndefined();
  expect(executedElsewhere(record, configured)).toBe('no wrapper');
});

it.each<[string, CrateRecord]>([
  ['another compiler', { ...record, rustc: '/evil/rustc' }],
  ['a wrapper', { ...record, wrapper: '/evil/wrapper' }],
  ['a folder in which rustup finds another compiler', { ...record, cwd: '/evil' }],
  ['a folder that is spelled to look like ours', { ...record, cwd: `${root}/../evil` }],
  ['a backend', withArgs('-Zcodegen-backend=/evil.so')],
  ['a backend in two words', withArgs('-Z', 'codegen-backend=/evil.so')],
  ['a plugin of LLVM', withArgs('-C', 'llvm-args=-load=/evil.so')],
  ['a plugin of LLVM, attached', withArgs('-Cllvm_args=-load=/evil.so')],
  ['a plugin of LLVM, spelled out', withArgs('--codegen', 'passes=evil')],
  ['another sysroot', withArgs('--sysroot', '/evil')],
  ['another sysroot, attached', withArgs('--sysroot=/evil')],
  ['a proc macro from elsewhere', withArgs('--extern', 'mac=/evil.so')],
  ['a proc macro by a way out of the target folder', withArgs('--extern', `mac=${target}/../evil.so`)],
  ['a folder of proc macros', withArgs('-L', 'dependency=/evil')],
  ['a folder of anything', withArgs('-L/evil')],
  ['a way out of the system folders', withArgs('-L', '/usr/../evil')],
  ['a file of arguments', withArgs('@/evil')],
  ['a second source', withArgs('/evil.rs')],
  ['a specification of a target', withArgs('--target', '/evil.json')],
  ['an output', withArgs('-o', '/home/me/.profile')],
  ['an output of one kind', withArgs('--emit=dep-info=/home/me/.profile')],
  ['a folder for outputs', withArgs('--out-dir', '/home/me')],
  ['a library that everything loads', withVariable('LD_PRELOAD', '/evil.so')],
  ['a folder of libraries', withVariable('LD_LIBRARY_PATH', `${target}/debug/deps:/evil`)],
  ['a folder of programs', withVariable('PATH', '/evil')],
  ['what a shell reads at its start', withVariable('BASH_ENV', '/evil')],
  ['another toolchain', withVariable('RUSTUP_TOOLCHAIN', '/evil')],
  ['a compiler for whom cargo is started by', withVariable('CARGO_BUILD_RUSTC', '/evil')],
  ['a linker for them', withVariable('CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER', '/evil')],
  ['a cargo for proc macros', withVariable('CARGO', '/evil')],
  ['unstable features', withVariable('RUSTC_BOOTSTRAP', '1')],
  ["an interpreter's modules", withVariable('PYTHONPATH', '/evil')],
])('finds %s', (_what, forged) => {
  expect(executedElsewhere(forged, own)).toEqual(expect.any(String));
});

it('says it in the words of the record', () => {
  expect(executedElsewhere({ ...record, rustc: '/evil/rustc' }, own)).toBe('/evil/rustc');
  expect(executedElsewhere(withArgs('--codegen', 'passes=evil'), own)).toBe('--codegen passes=evil');
  expect(executedElsewhere(withArgs('-Zcodegen-backend=/evil.so'), own)).toBe('-Zcodegen-backend=/evil.so');
  expect(executedElsewhere(withVariable('LD_PRELOAD', '/evil.so'), own)).toBe('LD_PRELOAD=/evil.so');
});
