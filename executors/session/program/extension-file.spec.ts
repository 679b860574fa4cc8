import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { extensionFile } from './extension-file';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotpatch-extension-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>) {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
}

describe('a library that depends on napi is loaded from', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['the file of its own name in a package without napi-rs', { 'package.json': '{}' }, 'my_addon.node'],
    ['the same where there is no package', {}, 'my_addon.node'],
    [
      'the file that the loader of napi-rs looks for',
      { 'package.json': '{ "napi": { "binaryName": "snappy" } }' },
      'snappy.linux-x64-gnu.node',
    ],
    [
      'the same with version 2 of napi-rs',
      { 'package.json': '{ "napi": { "name": "snappy" } }' },
      'snappy.linux-x64-gnu.node',
    ],
    [
      'the file that napi-rs names where nobody does',
      { 'package.json': '{ "napi": {} }' },
      'index.linux-x64-gnu.node',
    ],
    [
      'the file of its own name beside a package.json that cannot be read',
      { 'package.json': '{' },
      'my_addon.node',
    ],
  ])('%s', (_, files, file) => {
    write(files);
    expect(extensionFile(folder, 'my_addon', ['serde', 'napi'])).toBe(join(folder, file));
  });
});

describe('a library that depends on pyo3 is loaded from', () => {
  const project = (maturin: string) => `[project]\nname = "x"\n[tool.maturin]\n${maturin}`;

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['the file of its own name', {}, 'my_module.so'],
    ['the same where maturin is told nothing', { 'pyproject.toml': project('') }, 'my_module.so'],
    [
      'the file of the module that it is built as',
      { 'pyproject.toml': project('module-name = "rpds"') },
      'rpds.so',
    ],
    [
      'the Python package that it is a part of',
      { 'pyproject.toml': project('python-source = "python"\nmodule-name = "fast._native"') },
      'python/fast/_native.so',
    ],
    [
      'the Python package of the same name',
      { 'pyproject.toml': project('python-source = "python"'), 'python/my_module/__init__.py': '' },
      'python/my_module/my_module.so',
    ],
    [
      'the Python package in src, where nobody says where that is',
      { 'pyproject.toml': project('module-name = "fast._native"'), 'src/fast/__init__.py': '' },
      'src/fast/_native.so',
    ],
    [
      'the file of its own name beside a pyproject.toml that cannot be read',
      { 'pyproject.toml': '[' },
      'my_module.so',
    ],
  ])('%s', (_, files, file) => {
    write(files);
    expect(extensionFile(folder, 'my_module', ['pyo3'])).toBe(join(folder, file));
  });
});

it('is no extension without a language', () => {
  write({ 'package.json': '{ "napi": {} }' });
  expect(extensionFile(folder, 'my_library', ['serde'])).toBeUndefined();
});
