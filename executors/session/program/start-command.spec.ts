import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageRecord } from '../../pipeline/artifacts';
import { startCommand } from './start-command';

const LOADER = '/nx/loader.so';
const image = (shared: boolean, file = process.execPath) =>
  ({ path: '/t/libaddon.so', file, buildId: 'ab12', shared }) as unknown as ImageRecord;

describe('what is started', () => {
  it('is the program with its arguments', () => {
    expect(startCommand(image(false), ['-v'], { A: '1' }, LOADER)).toEqual({
      file: '/t/libaddon.so',
      args: ['-v'],
      env: { A: '1' },
    });
  });

  it('is the program that loads a shared library, with the loader in it before what it preloads itself', () => {
    const { file, args, env } = startCommand(
      image(true),
      ['node', 'server.js', '80'],
      { LD_PRELOAD: '/usr/lib/jemalloc.so' },
      LOADER,
    );
    expect([file, ...args]).toEqual(['node', 'server.js', '80']);
    expect(env).toMatchObject({
      LD_PRELOAD: '/nx/loader.so /usr/lib/jemalloc.so',
      NX_HOTPATCH_LIBRARY: 'ab12',
    });
  });

  it('must be named for a shared library', () => {
    expect(() => startCommand(image(true), [], {}, LOADER)).toThrow(
      /libaddon.so is a shared library: say behind `--`/,
    );
  });

  it('cannot have a loader whose path the dynamic linker would take apart', () => {
    expect(() => startCommand(image(true), ['node'], {}, '/my files/loader.so')).toThrow(
      /a blank or a colon/,
    );
  });

  it('leaves room for many thread-locals, and keeps what was tuned', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hotpatch-start-'));
    try {
      const source = join(folder, 'large.c');
      writeFileSync(source, '__thread char large[8000];');
      const library = join(folder, 'large.so');
      execFileSync('cc', ['-shared', '-fPIC', source, '-o', library]);
      const { env } = startCommand(image(true, library), ['node'], { GLIBC_TUNABLES: 'glibc.a=1' }, LOADER);
      expect(env.GLIBC_TUNABLES).toBe('glibc.a=1:glibc.rtld.optional_static_tls=16512');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
