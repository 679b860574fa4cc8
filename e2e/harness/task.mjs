/** One running `hotpatch` task: its program's lines, its events, its end. */
import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Mailbox } from './mailbox.mjs';
import { tail } from './tail.mjs';

const executorChild = fileURLToPath(new URL('./executor-child.mjs', import.meta.url));

/** Generous: a time-out is a failure that prints everything, never a way to wait. */
export const patience = Number(process.env.E2E_TIMEOUT_MS ?? 60_000);

export class Task {
  events = new Mailbox();
  answers = new Mailbox();
  /** Lines on standard output that are not answers. */
  lines = new Mailbox();
  /** Everything that was seen, in order, for the report of a failure. */
  transcript = [];
  /** Told of everything that is added to the transcript. */
  #listeners = [];
  /** Process ids of the programs that the task has started. */
  pids = [];

  /**
   * @param {object} how
   * @param {string} how.workspace
   * @param {string} how.scratch a folder of this task's own: events, temporary files, sockets
   * @param {'executor' | 'nx'} [how.via]
   * @param {string} [how.project]
   * @param {string} [how.target] of `nx run`
   * @param {string} [how.projectRoot]
   * @param {Record<string, unknown>} [how.options]
   * @param {Record<string, string | undefined>} [how.env]
   * @param {string[]} [how.args] what stands after `--` on the command line of nx
   * @param {boolean} [how.terminal] gives the task a terminal of its own, on which all that it writes comes as lines
   * @param {{ reader: number, writer: import('node:stream').Writable }} [how.input] in place of a pipe of the child's own
   * @param {(stream: string, line: string) => void} [how.onLine] told of every line as it comes
   */
  static async start(how) {
    const { workspace, scratch, via = 'executor', project = 'app', options = {} } = how;
    const task = new Task();
    task.onLine = how.onLine;
    task.via = via;
    task.temporary = join(scratch, 't');
    await mkdir(task.temporary, { recursive: true });
    const events = join(scratch, 'events.jsonl');
    const all = { events, ...options };
    // What stands before `--` Nx passes on only when nothing stands behind it.
    const words = how.args ? ['--', ...flags(all), ...how.args] : flags(all);
    const command =
      via === 'nx'
        ? ['node_modules/nx/dist/bin/nx.js', 'run', `${project}:${how.target ?? 'hotpatch'}`, ...words]
        : [executorChild, workspace, project, how.projectRoot ?? project, JSON.stringify(all)];
    const [file, rest] = how.terminal ? onTerminal(command) : [process.execPath, command];
    task.child = spawn(file, rest, {
      cwd: workspace,
      env: environment(task.temporary, how.env),
      stdio: [how.input?.reader ?? 'pipe', 'pipe', 'pipe'],
      // Its own process group, so that a failed case can be ended with all that it started.
      detached: true,
    });
    task.input = how.input?.writer ?? task.child.stdin;
    task.input.on('error', () => {}); // The program may be gone before it has read; the exit tells.
    task.#listen(events);
    return task;
  }

  #listen(eventsFile) {
    const tailing = tail(eventsFile, (line) => {
      const event = JSON.parse(line);
      this.#note('event', line);
      if (event.pid && (event.event === 'ready' || event.event === 'restarted')) this.pids.push(event.pid);
      this.events.post(event);
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.#note('stdout', line);
      if (line.startsWith('= ')) this.answers.post(line.slice(2));
      else this.lines.post(line);
    });
    createInterface({ input: this.child.stderr }).on('line', (line) => this.#note('stderr', line));
    this.exit = new Promise((resolve) => {
      this.child.once('close', async (code, signal) => {
        await tailing.end();
        this.#note('exit', `code ${code}, signal ${signal}`);
        this.events.close('the task has ended');
        this.answers.close('the task has ended');
        this.lines.close('the task has ended');
        resolve({ code, signal });
      });
    });
  }

  #note(stream, line) {
    this.onLine?.(stream, line);
    this.transcript.push(`${String(Math.round(performance.now())).padStart(8)} ${stream.padEnd(6)} ${line}`);
    for (const look of this.#listeners) look();
  }

  /** What the task and its program wrote to the terminal. */
  get output() {
    return this.transcript.map((line) => line.slice(16)).join('\n');
  }

  /**
   * Waits until the output matches. An event and the line about it come by different ways, so neither is there
   * because the other is.
   */
  says(words) {
    const said = new Promise((resolve) => {
      const look = () => words.test(this.output) && resolve();
      this.#listeners.push(look);
      look();
    });
    return withPatience(said, `${words}`);
  }

  event(...types) {
    return this.events.take(`event ${types.join(' or ')}`, (event) => types.includes(event.event), patience);
  }

  /** Types on the task's terminal. */
  press(keys) {
    this.#note('keys', JSON.stringify(keys));
    this.child.stdin.write(keys);
  }

  async ask(line) {
    this.#note('stdin', line);
    this.input.write(`${line}\n`);
    return this.answers.take(`an answer to "${line}"`, () => true, patience);
  }

  /** Ends the task as Ctrl-C does and gives its exit. */
  async interrupt(signal = 'SIGINT') {
    this.#note('signal', signal);
    this.child.kill(signal);
    return withPatience(this.exit, 'the end of the task');
  }

  /** Processes of this task that are still alive and files that it has left. */
  async leftovers() {
    // Nx itself leaves a copy of its native part and its own sockets behind.
    const ours = this.via === 'nx' ? /^nx-hotpatch/ : /^/;
    const files = (await readdir(this.temporary)).filter((name) => ours.test(name));
    const processes = this.pids.filter(alive).map((pid) => `process ${pid}`);
    return [...processes, ...files];
  }

  /** For a failed case: nothing may stay. */
  destroy() {
    for (const pid of [-this.child.pid, ...this.pids]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    }
  }
}

export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function withPatience(promise, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${patience / 1000} s`)), patience);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** The caller's environment without what would change a build or where Nx and the session put their files. */
export function environment(temporary, more = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !(/^(CARGO_|RUSTFLAGS|RUSTC|NX_)/.test(name) && name !== 'CARGO_HOME') && name !== 'FORCE_COLOR',
  );
  const fixed = {
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: temporary,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NO_COLOR: '1',
  };
  const merged = { ...Object.fromEntries(kept), ...fixed, ...more };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/** script(1) makes the terminal; afterwards a line says whether the task has left it in its usual mode. */
function onTerminal(command) {
  const words = [process.execPath, ...command].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const mode = `case " $(stty -a | tr '\\n' ' ') " in *" icanon "*" echo "*) echo terminal usual;; *) echo terminal changed;; esac`;
  return ['script', ['-qfec', `${words.join(' ')}; code=$?; ${mode}; exit $code`, '/dev/null']];
}

function flags(options) {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((item) => `--${name}=${item}`));
}
