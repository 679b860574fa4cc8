import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CrateKind, CrateRecord } from '../artifacts';
import { unnamedLibraries } from './unnamed-libraries';

const there = mkdtempSync(path.join(tmpdir(), 'hotpatch-unnamed-'));
afterAll(() => rmSync(there, { recursive: true }));

interface Crate {
  readonly below: readonly string[];
  readonly kind?: CrateKind;
  readonly types?: readonly string[];
  readonly units?: string;
}

/** Ids of what is found, for crates by id and those of them that an image contains. */
function found(crates: Readonly<Record<string, Crate>>, inImage: readonly string[]): readonly string[] {
  const records = new Map(
    Object.entries(crates).map(([id, { below, kind = 'lib', types = ['lib'], units = there }]) => {
      const externs = below.map((name) => ({ name, path: `/target/deps/lib${name}.rmeta` }));
      const args = types.flatMap((type) => ['--crate-type', type]);
      return [id, { id, kind, args, externs, units, state: there } as unknown as CrateRecord];
    }),
  );
  const linked = inImage.flatMap((id) => records.get(id) ?? []);
  return unnamedLibraries(linked, (id) => records.get(id)).map(({ id }) => id);
}

const app: Crate = { below: ['named', 'unnamed'], kind: 'bin', types: ['bin'] };

describe('libraries that no code names', () => {
  it('are those that are not in the image, and what they depend on', () => {
    const crates = {
      app,
      named: { below: ['base'] },
      base: { below: [] },
      unnamed: { below: ['base', 'deeper', 'from-elsewhere'] },
      deeper: { below: [] },
      'of-another-program': { below: [] },
    };
    expect(found(crates, ['app', 'named', 'base'])).toEqual(['unnamed', 'deeper']);
  });

  it('are not those that run as a part of a shared library', () => {
    const crates = {
      app: { ...app, below: ['plugin', 'both', 'unnamed'] },
      plugin: { below: ['inside'], kind: 'dylib', types: ['dylib'] },
      both: { below: [], types: ['rlib', 'dylib'] },
      inside: { below: ['deeper'] },
      deeper: { below: [] },
      unnamed: { below: ['deeper', 'own'] },
      own: { below: [] },
    } as const;
    expect(found(crates, ['app'])).toEqual(['unnamed', 'own']);
  });

  it('are not those whose units were removed', () => {
    const crates = { app, named: { below: [] }, unnamed: { below: [], units: path.join(there, 'gone') } };
    expect(found(crates, ['app', 'named'])).toEqual([]);
  });
});
