/** Runs Nx in a workspace and tells which tasks ran and which came from a cache. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Variables of whoever runs the suite that decide how crates are compiled, and Nx's own. */
const FOREIGN = /^(NX_|CARGO_(?!HOME$)|RUSTFLAGS$|RUSTC|CI$)/;

/** One line for a task, and one more when it prints something. */
const TASK = /^> nx run (\S+)(?: {2}\[(.+)\])?$/;

/**
 * @param {string} root the workspace
 * @param {string[]} args of `nx`
 * @param {Record<string, string>} [env] variables on top
 * @returns {Promise<{ ok: boolean, ran: string[], local: string[], remote: string[], output: string }>} sorted ids
 */
export async function nx(root, args, env = {}) {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  const command = ['node_modules/nx/dist/bin/nx.js', ...args, '--output-style=static'];
  const options = {
    cwd: root,
    env: { ...own, NX_DAEMON: 'false', NX_TUI: 'false', NO_COLOR: '1', ...env },
    maxBuffer: 64 << 20,
  };
  const { stdout, stderr, code } = await promisify(execFile)(process.execPath, command, options).catch(
    (error) => error,
  );
  const lines = stdout.split('\n').flatMap((line) => {
    const [, task, source] = TASK.exec(line) ?? [];
    return task === undefined ? [] : [{ task, source }];
  });
  const of = (fits) => [...new Set(lines.filter(fits).map(({ task }) => task))].sort();
  const isRemote = ({ source }) => source?.startsWith('remote cache') ?? false;
  return {
    ok: code === undefined,
    ran: of(({ source }) => source === undefined),
    local: of((line) => line.source !== undefined && !isRemote(line)),
    remote: of(isRemote),
    output: `${stdout}\n${stderr}`,
  };
}

/** All cached tasks of a workspace. */
export const EVERYTHING = ['run-many', '-t', 'hotpatch-image', 'hotpatch-units'];

/** Stands for other tasks, does nothing, and is never cached. */
export const isCached = (task) => !task.endsWith(':hotpatch-units');
