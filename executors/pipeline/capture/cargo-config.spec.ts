import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCargoConfig } from './cargo-config';

let root: string;

function config(folder: string, text: string): string {
  mkdirSync(path.join(root, folder), { recursive: true });
  const file = path.join(root, folder, 'config.toml');
  writeFileSync(file, text);
  return file;
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'hotpatch-config-')));
});
afterEach(() => rmSync(root, { recursive: true }));

it('takes the nearest file first and cargo home last', () => {
  const home = config('home', '[build]\nrustc-wrapper = "sccache"\nrustc-workspace-wrapper = "far"\n');
  const near = config('w/a/.cargo', '[build]\nrustc-workspace-wrapper = "./tools/near.sh"\n');
  const above = config('w/.cargo', '[build]\nrustc-workspace-wrapper = "above"\n');
  const read = readCargoConfig(path.join(root, 'w/a'), { CARGO_HOME: path.join(root, 'home') });
  expect(read.files).toEqual([near, above, home]);
  expect(read.rustcWrapper).toBe('sccache');
  expect(read.rustcWorkspaceWrapper).toBe(path.join(root, 'w/a/tools/near.sh'));
});

it('gives the environment precedence, where empty means none', () => {
  config('w/.cargo', '[build]\nrustc-wrapper = "sccache"\nrustc-workspace-wrapper = "mine"\n');
  const env = { CARGO_HOME: path.join(root, 'home'), RUSTC_WRAPPER: '', RUSTC_WORKSPACE_WRAPPER: 'other' };
  const read = readCargoConfig(path.join(root, 'w'), env);
  expect(read.rustcWrapper).toBeUndefined();
  expect(read.rustcWorkspaceWrapper).toBe('other');
});

it('leaves it to cargo to report a file that is no TOML', () => {
  config('w/.cargo', 'no toml');
  const read = readCargoConfig(path.join(root, 'w'), { CARGO_HOME: path.join(root, 'home') });
  expect(read.rustcWrapper).toBeUndefined();
});
