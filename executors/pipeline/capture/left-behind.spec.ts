import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HotpatchFolder } from './hotpatch-folder';
import { removeLeftBehind } from './left-behind';

const dead = spawnSync('true').pid;
let folder: HotpatchFolder;

beforeEach(() => {
  folder = new HotpatchFolder(mkdtempSync(path.join(os.tmpdir(), 'left-')));
});
afterEach(() => rmSync(path.dirname(folder.root), { recursive: true }));

function put(file: string): string {
  const full = path.join(folder.root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, '');
  return full;
}

it('removes runs and drafts of processes that are gone, wherever they lie', () => {
  const left = [
    put(`runs/${dead}-c0ffee/run.json`),
    put(`epoch.${dead}.draft`),
    put(`bin-2-abc/rustc.${dead}.draft`),
    put(`crates/app-1.json.${dead}-0.draft`),
    put(`places/app-1/owner.${dead}-1.draft`),
    put(`units/app-1/app-x/s-a-b-c.${dead}-3.draft/one.o`),
  ];
  removeLeftBehind(folder);
  expect(left.filter((file) => existsSync(file))).toEqual([]);
});

it('leaves alone what is finished, what somebody works on, and the folders of rustc and of sessions', () => {
  const kept = [
    put(`runs/${process.pid}-c0ffee/run.json`),
    put(`crates/app-1.json.${process.pid}-0.draft`),
    put('crates/app-1.json'),
    put('units/app-1/app-x/s-a-b-c/one.o'),
    put(`incremental/app-1/x.${dead}-0.draft`),
    put(`sessions/${process.pid}-abc/x.${dead}-0.draft`),
  ];
  removeLeftBehind(folder);
  expect(kept.filter((file) => !existsSync(file))).toEqual([]);
});

it('needs nothing to be there', () => {
  expect(() => removeLeftBehind(folder)).not.toThrow();
});
