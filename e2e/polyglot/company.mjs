/** The company's workspace: a fresh copy with its npm packages installed and everything committed. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeWorkspace, repository, save } from '../harness/workspace.mjs';
import { commit, git } from '../tasks/workspace.mjs';

/** Projects that the suites run by `hotpatch`. */
const SESSIONS = {
  api: 'apps/api',
  addon: 'native/addon',
  extension: 'native/extension',
  indexer: 'tools/indexer',
};

/** @param scratch an empty folder */
export async function makeCompany(scratch) {
  const root = join(scratch, 'ws');
  await makeWorkspace('polyglot', root);
  // Of what the registry has besides these versions, scripts would only download more.
  const install = [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
  ];
  execFileSync('npm', install, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  await symlink(repository, join(root, 'node_modules/nx-hotpatch'));
  for (const [project, folder] of Object.entries(SESSIONS))
    await writeEventsTo(root, folder, eventsFile(scratch, project));
  git(root, 'init', '--quiet', '--initial-branch=main');
  commit(root, 'all');
  return root;
}

/** What a session of this project says: `Task` looks for it there. */
function eventsFile(scratch, project) {
  return join(scratch, project, 'events.jsonl');
}

/** A session that is started by another task, or with a `--`, has no other way to be told. */
async function writeEventsTo(root, folder, events) {
  const file = join(root, folder, 'project.json');
  const project = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  const { options } = project.targets?.hotpatch ?? {};
  project.targets = { ...project.targets, hotpatch: { options: { ...options, events } } };
  await mkdir(join(events, '..'), { recursive: true });
  await save(file, `${JSON.stringify(project, null, 2)}\n`);
}

/** Variables by which the services are told their ports, each of which was free just now. */
export async function freePorts() {
  const names = ['API_PORT', 'WEB_PORT', 'GATEWAY_PORT', 'REPORTS_PORT', 'INDEXER_PORT'];
  const servers = await Promise.all(names.map(() => occupied()));
  const ports = servers.map((server) => String(server.address().port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(names.map((name, at) => [name, ports[at]]));
}

/** A server on a port that nobody else had. */
export function occupied() {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Changes a file of the workspace as an editor does. The change must be one. */
export async function edit(root, file, from, to) {
  const path = join(root, file);
  const before = await readFile(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not contain ${from}`);
  await save(path, after);
}
