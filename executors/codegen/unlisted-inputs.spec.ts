import type { CrateRecord } from '../pipeline/artifacts';
import { unlistedInputs } from './unlisted-inputs';

const crate = (sources: string[], envDeps: string[] = [], env: Record<string, string> = {}) =>
  ({ sources, envDeps, env }) as unknown as CrateRecord;
const listed = {
  root: '/ws',
  folder: 'libs/core',
  nested: ['libs/core/macros'],
  inputs: ['{projectRoot}/**/*', '{workspaceRoot}/texts/a.txt', { env: 'COLOUR' }],
  targetDir: '/ws/target',
};

describe('inputs that Nx does not know of', () => {
  it('are files outside of the package that rustc read, but for generated ones', () => {
    const read = [
      'libs/core/src/lib.rs',
      'libs/core/macros/x.txt',
      'texts/a.txt',
      'texts/b.txt',
      'target/debug/out.rs',
    ];
    expect(unlistedInputs([crate([...read.map((file) => `/ws/${file}`), '/etc/hosts'])], listed)).toEqual([
      '/etc/hosts',
      'libs/core/macros/x.txt',
      'texts/b.txt',
    ]);
  });

  it('are variables that the code reads, but for those of cargo and of the build script', () => {
    const variables = ['COLOUR', 'SIZE', 'CARGO_PKG_NAME', 'OUT_DIR', 'GIT_HASH'];
    expect(unlistedInputs([crate([], variables, { GIT_HASH: 'abc' })], listed)).toEqual(['SIZE']);
  });
});
