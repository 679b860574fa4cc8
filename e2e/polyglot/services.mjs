/** The company's services as they run in sessions, and what each of them must answer. */
import { deepEqual } from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Task } from '../harness/task.mjs';

/** How each is started: by a task of Nx, and with what on its command line. */
const SERVICES = {
  api: { run: { project: 'web', target: 'dev' }, port: 'API_PORT' },
  addon: { run: { project: 'addon', args: ['node', 'apps/gateway/server.js'] }, port: 'GATEWAY_PORT' },
  extension: { run: { project: 'extension' }, port: 'REPORTS_PORT' },
  indexer: { run: { project: 'indexer' }, port: 'INDEXER_PORT' },
};

/** A build from nothing, while others build, on a busy machine. */
const BUILD_MS = 600_000;

/** A static of the shared library, and a thread-local of it. */
const AT_START = { next: 1000, inSeries: 0 };

export class Services {
  /** @type {Map<string, Task>} */
  running = new Map();
  /** What patches must keep, by project. */
  #state = new Map();

  constructor(root, scratch, ports) {
    this.root = root;
    this.scratch = scratch;
    this.ports = ports;
  }

  /** Starts the session of a project; resolves when it can be patched. */
  async start(project, more = {}) {
    const scratch = join(this.scratch, project);
    await mkdir(scratch, { recursive: true });
    // What the session before it has said is not about this one.
    await rm(join(scratch, 'events.jsonl'), { force: true });
    const task = await Task.start({
      via: 'nx',
      workspace: this.root,
      scratch,
      env: { ...this.ports, PYTHONDONTWRITEBYTECODE: '1' },
      ...SERVICES[project].run,
      // They are in its project.json.
      options: { events: undefined },
      ...more,
    });
    this.running.set(project, task);
    this.startedAnew(project);
    await task.events.take(`the start of ${project}`, ({ event }) => event === 'ready', BUILD_MS);
    return task;
  }

  /** The sessions that have the shared libraries. */
  get withPricing() {
    return new Map([...this.running].filter(([project]) => project !== 'indexer'));
  }

  /** The process that answers, by project. */
  pids() {
    return Object.fromEntries([...this.running].map(([project, task]) => [project, task.pids.at(-1)]));
  }

  /** Waits for the next event of one of these types from each session, and gives them by project. */
  async each(...types) {
    const events = [...this.withPricing].map(async ([project, task]) => [
      project,
      await task.event(...types),
    ]);
    return Object.fromEntries(await Promise.all(events));
  }

  /** Each session says that exactly these functions changed, in exactly the process that it started. */
  async patched(...functions) {
    const events = await this.each('patched', 'refused', 'compile-error', 'unchanged');
    const told = Object.entries(events).map(([project, event]) => [
      project,
      { event: event.event, pids: event.pids, functions: event.functions?.map(({ name }) => name).sort() },
    ]);
    const pids = this.pids();
    const expected = Object.keys(events).map((project) => [
      project,
      { event: 'patched', pids: [pids[project]], functions: [...functions].sort() },
    ]);
    deepEqual(Object.fromEntries(told), Object.fromEntries(expected));
  }

  /** Each answers with this price, the next number and one more in the series, so that its state is seen to live. */
  async quote(cents, { digit = luhn, width = 6, more = {} } = {}) {
    for (const project of this.withPricing.keys()) {
      const state = this.#state.get(project);
      const body = {
        tracking: `NP${String(state.next).padStart(width, '0')}${digit(state.next)}`,
        cents,
        in_series: state.inSeries + 1,
        ...more,
      };
      this.#state.set(project, { next: state.next + 1, inSeries: state.inSeries + 1 });
      deepEqual(await this.ask(project), { status: 200, body }, project);
    }
  }

  /** They were started anew: their state begins again. */
  startedAnew(...projects) {
    for (const project of projects) this.#state.set(project, AT_START);
  }

  async ask(project, grams = 1500, port = SERVICES[project].port) {
    const response = await fetch(`http://127.0.0.1:${this.ports[port]}/api/quote?grams=${grams}&zone=europe`);
    const text = await response.text();
    return { status: response.status, body: response.ok ? JSON.parse(text) : text };
  }

  /** Says lines to the indexer and gives its answers. */
  async index(...lines) {
    const socket = connect(Number(this.ports.INDEXER_PORT), '127.0.0.1');
    socket.end(lines.map((line) => `${line}\n`).join(''));
    const answers = [];
    for await (const answer of createInterface({ input: socket })) answers.push(answer);
    return answers;
  }

  /** Ends every session as Ctrl-C does; gives what each has left. */
  async stop() {
    const left = [];
    for (const [project, task] of this.running) {
      await task.interrupt();
      left.push(...(await task.leftovers()).map((what) => `${project}: ${what}`));
    }
    this.running.clear();
    return left;
  }

  /** After a failure: tells what the sessions said, and ends them. */
  async abandon() {
    for (const [project, task] of this.running)
      console.log(`${project}:\n${task.transcript.slice(-40).join('\n')}`);
    await this.stop().catch(() => {});
    for (const task of this.running.values()) task.destroy();
    this.running.clear();
  }
}

/** The check digit that the C library computes. */
export function luhn(number) {
  const digits = [...String(number)].reverse().map(Number);
  const sum = digits
    .map((digit, place) => (place % 2 === 0 ? digit * 2 : digit))
    .reduce((total, digit) => total + (digit > 9 ? digit - 9 : digit), 0);
  return (10 - (sum % 10)) % 10;
}
