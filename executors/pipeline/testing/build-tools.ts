import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from '@swc/core';

const PIPELINE = path.join(__dirname, '..');

/** What a capture needs besides cargo, made from the sources under test. The folder is for the test to remove. */
export interface BuildTools {
  readonly folder: string;
  /** The wrapper scripts as plain JavaScript: cargo starts them outside of jest. */
  readonly wrappers: string;
  /** A library that can be linked in place of the loader. */
  readonly loader: string;
}

export function makeBuildTools(): BuildTools {
  const folder = mkdtempSync(path.join(tmpdir(), 'hotpatch-tools-'));
  const wrappers = path.join(folder, 'capture');
  mkdirSync(wrappers);
  mkdirSync(path.join(folder, 'store'));
  symlinkSync(path.join(__dirname, '..', '..', '..', 'node_modules'), path.join(folder, 'node_modules'));
  transpile(PIPELINE, folder);
  transpile(path.join(PIPELINE, 'capture'), wrappers);
  transpile(path.join(PIPELINE, 'store'), path.join(folder, 'store'));
  const loader = path.join(folder, 'libstub_loader.so');
  execFileSync('cc', ['-shared', '-o', loader, '-x', 'c', '/dev/null']);
  return { folder, wrappers, loader };
}

/** The scripts that cargo starts, and what they import, lie to each other as in the sources. */
function transpile(from: string, to: string): void {
  const sources = readdirSync(from).filter((name) => name.endsWith('.ts') && !/\.(spec|d)\.ts$/.test(name));
  for (const file of sources) {
    const { code } = transformSync(readFileSync(path.join(from, file), 'utf8'), {
      filename: file,
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    writeFileSync(path.join(to, file.replace(/ts$/, 'js')), code);
  }
}
