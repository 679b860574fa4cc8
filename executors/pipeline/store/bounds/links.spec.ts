import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { refuseLinks } from './links';

const root = mkdtempSync(path.join(tmpdir(), 'hotpatch-links-'));
afterAll(() => rmSync(root, { recursive: true }));
const at = (file: string) => path.join(root, file);

it('lets a link of the target folder itself be, and folders that are not there yet', () => {
  mkdirSync(at('elsewhere/hotpatch/store'), { recursive: true });
  symlinkSync(at('elsewhere'), at('target'));
  expect(() => refuseLinks(at('target/hotpatch/store/crates/app'), at('target'))).not.toThrow();
  expect(() => refuseLinks(at('none/hotpatch/store'), at('none'))).not.toThrow();
});

it.each(['ws/hotpatch/store', 'ws/hotpatch/store/crates', 'ws/hotpatch/store/crates/app'])(
  'refuses one at %s',
  (link) => {
    mkdirSync(path.dirname(at(link)), { recursive: true });
    mkdirSync(at('home/crates/app'), { recursive: true });
    symlinkSync(at('home'), at(link));
    expect(() => refuseLinks(at('ws/hotpatch/store/crates/app'), at('ws'))).toThrow(
      /is reached through a link/,
    );
    rmSync(at('ws'), { recursive: true });
  },
);
