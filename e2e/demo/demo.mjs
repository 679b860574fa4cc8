/**
 * A real server under `nx run api:hotpatch`: three edits of its source, seen by HTTP, while its hit counter goes on
 * and its process stays. Exits with 1 when anything else is seen.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mailbox } from '../harness/mailbox.mjs';
import { Task } from '../harness/task.mjs';
import { linkPackages, makeWorkspace, save } from '../harness/workspace.mjs';
import { edits } from './edits.mjs';

const folder = await mkdtemp(join(tmpdir(), 'nxhp-demo-'));
const workspace = join(folder, 'shop');
const terminal = new Mailbox();
let task;
let hits = 0;

try {
  await makeWorkspace('server', workspace);
  await linkPackages(workspace);
  console.log(`An Nx workspace with a server: ${workspace}\n\n$ nx run api:hotpatch`);
  task = await Task.start({ workspace, scratch: folder, via: 'nx', project: 'api', onLine: show });
  const { pid } = await task.event('ready');
  const server = await address(task);

  for (const { title, file, from, to, request, before, after, redirected, added } of edits) {
    console.log(`\n${title}`);
    await expect(server, request, before, pid);
    const text = await readFile(join(workspace, file), 'utf8');
    ok(text.includes(from), `${file} holds the text to edit`);
    await save(join(workspace, file), text.replace(from, to));
    console.log(`  saved ${file}`);
    const event = await task.event('patched', 'unchanged', 'refused', 'compile-error', 'exited');
    strictEqual(event.event, 'patched', JSON.stringify(event));
    // The event overtakes what Nx passes on to the terminal.
    await terminal.take('the line that says so', (line) => line.includes('✓ patched'), 10_000);
    const names = (change) => event.functions.filter((f) => f.change === change).map((f) => f.name);
    for (const name of redirected) ok(names('changed').includes(name), `${name} in ${names('changed')}`);
    for (const name of added) ok(names('new').includes(name), `${name} in ${names('new')}`);
    await expect(server, request, after, pid);
  }

  await task.interrupt('SIGINT');
  deepStrictEqual(await task.leftovers(), [], 'what is left behind');
  console.log(`\nThree edits live, ${hits} hits counted, one process (pid ${pid}), nothing left behind.`);
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`);
  if (task) console.error(task.transcript.join('\n'));
  task?.destroy();
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

/** Asks the server and checks the answer's text, the hit counter and the process id. */
async function expect(server, request, expected, pid) {
  const answer = await (await fetch(server + request)).json();
  console.log(`  GET ${request.padEnd(28)} ${JSON.stringify(answer)}`);
  hits += 1;
  strictEqual(answer.message ?? answer.total, expected);
  strictEqual(answer.hits, hits, 'no hit is lost');
  strictEqual(answer.pid, pid, 'the process is the same');
}

function show(stream, line) {
  if (stream === 'stderr') terminal.post(line);
  if (stream === 'stderr' || (stream === 'stdout' && line.startsWith('listening'))) console.log(`  ${line}`);
}

async function address(task) {
  const line = await task.lines.take('the address', (text) => text.startsWith('listening on '), 60_000);
  return line.slice('listening on '.length);
}
