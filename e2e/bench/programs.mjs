/**
 * The programs that are edited: each says where it comes from, what one-line edit is made, and how it is asked
 * whether the edit is live.
 */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { patience } from '../harness/task.mjs';
import { makeWorkspace } from '../harness/workspace.mjs';

const server = {
  name: 'server',
  what: 'the server fixture (tokio, axum), an edit in its binary crate',
  project: 'api',
  projectRoot: 'api',
  options: {},
  cargo: ['-p', 'api'],
  image: 'target/debug/api',
  file: 'api/src/routes/hello.rs',
  edit: (text, round) => text.replace(/"hello[^"]*"/, `"hello ${round}, {name}"`),
  prepare: (folder) => makeWorkspace('server', folder),
  async ask({ lines }, state, round) {
    if (!state.address) {
      const line = await lines.take('the address', (text) => text.startsWith('listening on '), patience);
      state.address = line.slice('listening on '.length);
    }
    const answer = await (await fetch(`${state.address}/hello`)).json();
    return answer.message === `hello ${round}, world`;
  },
};

/** 76,678 lines in one package, as published; its REPL answers a line with a line. */
const rhai = {
  name: 'rhai',
  version: '1.27.0',
  what: 'rhai 1.27.0 from crates.io (76,678 lines), its REPL, an edit in the library',
  project: 'rhai',
  projectRoot: '.',
  options: { bin: 'rhai-repl', features: ['bin-features'] },
  cargo: ['--bin', 'rhai-repl', '--features', 'bin-features'],
  image: 'target/debug/rhai-repl',
  file: 'src/types/error.rs',
  edit: (text, round) => text.replace(/"Variable not found[^":]*/, `"Variable not found in round ${round}`),
  prepare: (folder) => unpack('rhai', '1.27.0', folder),
  async ask({ lines, stdin }, _, round) {
    stdin.write('absent\n');
    const line = await lines.take('an answer', (text) => text.includes('Variable not found'), patience);
    return line.includes(`in round ${round}:`);
  },
};

export const programs = [server, rhai];

/** Fetches a published package by cargo itself and copies its source, as a package of its own, to `folder`. */
async function unpack(name, version, folder) {
  const asking = `${folder}-fetch`;
  await mkdir(join(asking, 'src'), { recursive: true });
  await writeFile(join(asking, 'src/lib.rs'), '');
  await writeFile(
    join(asking, 'Cargo.toml'),
    `[package]\nname = "asking"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n${name} = "=${version}"\n`,
  );
  const metadata = execFileSync('cargo', ['metadata', '--format-version=1'], {
    cwd: asking,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  const found = JSON.parse(metadata).packages.find((candidate) => candidate.name === name);
  await cp(found.manifest_path.replace(/\/Cargo\.toml$/, ''), folder, { recursive: true });
  await rm(join(folder, '.cargo-ok'), { force: true });
  await rm(asking, { recursive: true });
}
