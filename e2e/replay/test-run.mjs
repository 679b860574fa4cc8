/** A process of a test program, and what its tests came to. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programEnvironment } from '../../dist/executors/session/program/environment.js';
import { libtestArguments, readTestEvents } from './test-events.mjs';

/** The exit code of a round that rounds.c cannot tell. */
const UNKNOWN = 255;

const source = fileURLToPath(new URL('rounds.c', import.meta.url));

/** Compiles the preloaded library, once a folder. Gives its path. */
export function buildRounds(folder) {
  const file = `${folder}/rounds.so`;
  if (existsSync(file)) return file;
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', `${file}.draft`, source, '-ldl', '-lpthread']);
  renameSync(`${file}.draft`, file);
  return file;
}

export class TestRun {
  output = '';
  #child;
  #ended;
  #timeout;
  #read = 0;
  #rounds = 0;
  #code = null;
  #hasLibtest;
  #chunks = 0;
  #onAnswer = () => {};

  /**
   * @param {{record: object, preload?: string, environment?: object, seconds: number}} how
   *   with `preload`, what `buildRounds` made, the process waits before `main` and can run it many times
   */
  constructor({ record, preload, environment = {}, seconds }) {
    this.#timeout = seconds;
    const crate = record.crates.find(({ id }) => id === record.image.crate);
    // The hard link: a later build replaces the file at `path`.
    // A program that brings its own harness (`harness = false`) is started as cargo does it.
    this.#hasLibtest = crate.args.includes('--test');
    this.#child = spawn(record.image.file, this.#hasLibtest ? libtestArguments : [], {
      argv0: record.image.path,
      cwd: crate.env.CARGO_MANIFEST_DIR ?? crate.cwd,
      env: {
        ...programEnvironment(record, environment),
        ...(preload === undefined ? {} : { LD_PRELOAD: preload }),
        RUSTC_BOOTSTRAP: '1',
        RUST_BACKTRACE: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : ['pipe', 'pipe'])],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.#chunks += 1;
      this.output += text;
      this.#onAnswer();
    });
    this.errors = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#chunks += 1;
      this.errors = (this.errors + text).slice(-20_000);
    });
    this.#child.stdio[3]?.on('error', () => {});
    this.#child.stdio[4]?.on('data', (answers) => {
      this.#rounds += answers.length;
      this.#code = answers.at(-1);
      this.#onAnswer();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ code: null, signal: error.message }));
      // What the tests started may keep the pipes open for longer.
      this.#child.once('exit', (code, signal) => this.#drained().then(() => resolve({ code, signal })));
    });
  }

  /** How often `main` has run. */
  get rounds() {
    return this.#rounds;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits for the end of a program that nothing holds. Gives the tests and how it ended. */
  async end() {
    return this.#result(await this.#within(this.#ended));
  }

  /** Runs `main` once more in the same process. */
  async round() {
    this.#read = this.output.length;
    const round = this.#rounds + 1;
    const answered = new Promise((resolve) => {
      // The answer has a pipe of its own, and may come before the suite's last line.
      this.#onAnswer = () =>
        this.#rounds >= round &&
        (!this.#hasLibtest || this.#tests().finished) &&
        resolve({ code: this.#code, signal: null });
    });
    this.#child.stdio[3].write('r');
    const end = await this.#within(Promise.race([this.#ended, answered]));
    this.#onAnswer = () => {};
    return this.#result(end);
  }

  async stop() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Resolves once all that the process has written is read: a turn of the event loop that reads nothing found none. */
  async #drained() {
    let before;
    do {
      before = this.#chunks;
      // The first may come in the turn that is under way.
      await setImmediate();
      await setImmediate();
    } while (this.#chunks > before);
  }

  #tests() {
    return readTestEvents(this.output.slice(this.#read));
  }

  #result(end) {
    const events = this.#tests();
    // A program that brings its own harness is one test.
    if (!events.suite && !end.timeout && end.signal === null && end.code !== UNKNOWN)
      events.tests.set('(program)', { outcome: end.code === 0 ? 'ok' : 'failed', output: '' });
    return { ...events, ...end };
  }

  async #within(event) {
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(
        () => resolve({ code: null, signal: null, timeout: this.#timeout }),
        this.#timeout * 1000,
      );
    });
    const end = await Promise.race([event, late]);
    clearTimeout(timer);
    if (end.timeout) await this.stop();
    return end;
  }
}

/** Runs the program of a fresh build, which meets no session: it is the ordinary program. */
export function runFresh({ record }, { seconds }) {
  return new TestRun({ record, seconds }).end();
}

/** Runs it twice in one process, unpatched. */
export async function runTwice({ record }, { preload, seconds }) {
  const run = new TestRun({ record, preload, seconds });
  const rounds = [await run.round(), await run.round()];
  await run.stop();
  return rounds;
}
