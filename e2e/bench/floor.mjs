/** The floor: what rustc alone needs, for exactly the crates that cargo compiles after the edit. */
import { execFileSync, spawn } from 'node:child_process';
import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../harness/task.mjs';

const dump = 'console.log(JSON.stringify([process.argv.slice(1), process.env]))';

/**
 * Records what cargo runs after a change of `file` and gives a function that runs the same again, in order, and
 * resolves to the milliseconds. The linker is a link to `true` by the name of `cc`, so that rustc takes it for a
 * C compiler driver and passes it what it always does.
 */
export async function recordFloor(workspace, program) {
  const linker = join(workspace, 'cc');
  await symlink('/bin/true', linker);
  const env = environment('/tmp');
  const cargo = (...args) =>
    execFileSync('cargo', ['build', ...program.cargo, ...args], { cwd: workspace, env, stdio: 'ignore' });
  cargo();
  await utimes(join(workspace, program.file), new Date(), new Date());
  const log = execFileSync('sh', ['-c', 'exec cargo build -vv "$@" 2>&1', 'sh', ...program.cargo], {
    cwd: workspace,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const invocations = [...log.matchAll(/^\s+Running `(.* --crate-name .*)`$/gm)].map(([, line]) =>
    parse(line, env),
  );
  if (invocations.length === 0) throw new Error(`cargo -vv names no rustc invocation in:\n${log}`);
  return async () => {
    const started = performance.now();
    for (const { command, args, env: own } of invocations) {
      await run(command, [...args, '-C', `linker=${linker}`], workspace, own);
    }
    return performance.now() - started;
  };
}

/** Cargo prints a shell command with its variables in front; the shell itself takes it apart. */
function parse(line, env) {
  const [, before, command, after] = /^(.*?)(\S*rustc) (--crate-name .*)$/.exec(line);
  const script = `${before} "${process.execPath}" -e '${dump}' -- ${after}`;
  const [args, variables] = JSON.parse(execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }));
  return { command, args, env: variables };
}

function run(command, args, cwd, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command}: ${stderr}`))));
  });
}
