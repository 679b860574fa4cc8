import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildRecord } from '../../pipeline/artifacts';
import { artifactPath, placeArtifact } from './artifact';

const record = (externs: readonly string[], shared = true, path = '/t/libmy_addon.so') =>
  ({
    image: { path, shared, crate: 'my_addon-1' },
    crates: [
      {
        id: 'my_addon-1',
        name: 'my_addon',
        externs: externs.map((name) => ({ name, path: `/t/lib${name}.rlib` })),
        env: { CARGO_MANIFEST_DIR: '/ws/addon' },
      },
    ],
  }) as unknown as BuildRecord;

describe('where the host looks for a library', () => {
  it.each([
    ['napi', '/ws/addon/my_addon.node'],
    ['pyo3', '/ws/addon/my_addon.so'],
    ['serde', undefined],
  ])('follows from a dependency on %s', (crate, place) => {
    expect(artifactPath(record([crate]), undefined)).toBe(place);
  });

  it('is what was asked for, whatever it depends on', () => {
    expect(artifactPath(record(['napi']), '/ws/dist/x.node')).toBe('/ws/dist/x.node');
  });

  it('is nowhere for a program', () => {
    expect(artifactPath(record(['napi'], false), undefined)).toBeUndefined();
  });
});

test('a library takes the place of the one before, also where both are one file, and nothing else is left', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotpatch-artifact-'));
  try {
    const built = join(folder, 'libmy_addon.so');
    const place = join(folder, 'package', 'my_addon.node');
    for (const content of ['one', 'one', 'two']) {
      rmSync(built, { force: true });
      writeFileSync(built, content);
      placeArtifact(record([], true, built), place);
      placeArtifact(record([], true, built), place);
      expect(readFileSync(place, 'utf8')).toBe(content);
    }
    expect(readdirSync(join(folder, 'package'))).toEqual(['my_addon.node']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
