import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engine, loaderLibraryPath } from './index';
import { prebuiltFile } from './prebuilt';

describe('the engine behind its binding', () => {
  it('answers a request', async () => {
    const { reply, bytes } = await engine().call({ op: 'version' });
    expect(reply).toEqual({ version: require('../../package.json').version });
    expect(bytes).toBeUndefined();
  });

  it('rejects with the sentence of the engine', async () => {
    await expect(engine().call({ op: 'no-such-op' })).rejects.toThrow(/no-such-op/);
  });

  it('answers many requests at a time, each its own', async () => {
    const requests = Array.from({ length: 200 }, (_, n) => ({ op: n % 2 ? 'version' : `missing-${n}.` }));
    const settled = await Promise.allSettled(requests.map((request) => engine().call(request)));
    settled.forEach((result, n) => {
      if (n % 2) expect(result).toMatchObject({ status: 'fulfilled' });
      else expect(result).toMatchObject({ reason: { message: expect.stringContaining(`missing-${n}.`) } });
    });
  });

  it('keeps text beyond ASCII whole', async () => {
    await expect(engine().call({ op: 'größer→𝕏' })).rejects.toThrow(/größer→𝕏/);
  });

  it('is accompanied by the loader library', () => {
    expect(loaderLibraryPath()).toMatch(/linux-x64\/libnx_hotpatch_loader\.so$/);
  });
});

describe('an installation without its prebuilt files', () => {
  it('says which file is missing and how to make it', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hotpatch-addon-'));
    try {
      expect(() => prebuiltFile('hotpatch.node', folder)).toThrow(
        `nx-hotpatch misses ${folder}/dist/native/linux-x64/hotpatch.node: run \`npx nx-hotpatch-build\``,
      );
      mkdirSync(path.join(folder, 'dist/native/linux-x64'), { recursive: true });
      writeFileSync(path.join(folder, 'dist/native/linux-x64/hotpatch.node'), '');
      expect(prebuiltFile('hotpatch.node', folder)).toBe(
        path.join(folder, 'dist/native/linux-x64/hotpatch.node'),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
