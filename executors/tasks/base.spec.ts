import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BuildRecord } from '../pipeline/artifacts';
import { changedManifests, keepBase, readBase } from './base';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hotpatch-base-'));
  writeFileSync(path.join(root, 'image'), '');
  mkdirSync(path.join(root, 'units'));
});
afterEach(() => rmSync(root, { recursive: true }));

function record(manifests: readonly string[]): BuildRecord {
  return {
    targetDir: path.join(root, 'target'),
    profile: 'dev',
    image: { crate: 'app-1', path: path.join(root, 'target/debug/server'), file: path.join(root, 'image') },
    crates: [{ id: 'app-1', env: { CARGO_PKG_NAME: 'app' }, units: path.join(root, 'units'), state: root }],
    manifests,
  } as unknown as BuildRecord;
}

describe('the base of later patches', () => {
  it('is the last build of a program, and that of no other', () => {
    expect(readBase(path.join(root, 'target'), 'dev', 'app', 'server')).toBeUndefined();
    keepBase(record([]));
    expect(readBase(path.join(root, 'target'), 'dev', 'app', 'server')?.record).toEqual(record([]));
    expect(readBase(path.join(root, 'target'), 'dev', 'app', 'admin')).toBeUndefined();
  });

  it('is none any more once its units were removed', () => {
    keepBase(record([]));
    rmSync(path.join(root, 'units'), { recursive: true });
    expect(readBase(path.join(root, 'target'), 'dev', 'app', 'server')).toBeUndefined();
  });

  it('knows which manifests are not what they were: other text, new, or gone', () => {
    const [same = '', other = '', fresh = '', gone = ''] = ['a', 'b', 'c', 'd'].map((name) =>
      path.join(root, name),
    );
    for (const file of [same, other, gone]) writeFileSync(file, 'before');
    const folder = path.join(root, 'watched');
    mkdirSync(folder);
    keepBase(record([same, other, fresh, gone, folder]));
    const base = readBase(path.join(root, 'target'), 'dev', 'app', 'server');
    if (base === undefined) throw new Error('no base was kept');
    expect(changedManifests(base)).toEqual([]);
    writeFileSync(other, 'after');
    writeFileSync(fresh, 'new');
    rmSync(gone);
    writeFileSync(path.join(folder, 'more'), '');
    expect(changedManifests(base)).toEqual([other, fresh, gone, folder]);
  });
});
