/**
 * One test program under the real stages: captured build in, held process, patches out. What a session does, without
 * terminal and watcher.
 */
import { readFileSync } from 'node:fs';
import { pipeline } from '../../dist/executors/pipeline/pipeline.js';
import { Refusal } from '../../dist/executors/pipeline/refusal.js';
import { LiveStages } from '../../dist/executors/session/live-stages.js';
import { LoaderServer } from '../../dist/executors/session/loader-connection/server.js';
import { engine } from '../../dist/native/addon/index.js';
import { TestRun } from './test-run.mjs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const HELLO_MS = 120_000;

export class LiveProgram {
  /** Every image that is live, in order. */
  images = [];
  #stages;
  #server;
  #joined;
  #runs = [];
  /** The server that each run's process is connected to. */
  #servers = new Map();

  /**
   * @param {{name: string, record: object}} program
   * @param {{preload?: string, seconds: number, spoil?: (image: object, plan: object) => object}} how
   *   `spoil` changes a patch image on its way: the harness's own tests show by it that a wrong patch is seen
   */
  static async start({ name, record }, how) {
    const live = new LiveProgram();
    live.name = name;
    live.record = record;
    live.how = how;
    const silent = () => {};
    live.#stages = new LiveStages({
      request: {},
      engine: (request) => engine().call(request),
      building: silent,
      progress: silent,
      diagnostics: silent,
      detail: silent,
      sources: silent,
      unloaded: silent,
    });
    live.#server = await live.#listen();
    live.compiler = await live.#stages.start(record, live.#processes(live.#server));
    return live;
  }

  /**
   * Brings the held program to the present sources. Gives the pipeline's outcome, and with it `changedUnits`: whether
   * rustc made any unit anew.
   *
   * @param {string[]} files absolute paths of what changed
   */
  async patch(files) {
    this.run ??= await this.#hold(this.#server);
    const known = files.filter((file) => this.compiler.kindOfChange(file) !== 'unrelated');
    let changedUnits = [];
    let plan;
    const stages = {
      ...this.#stages,
      diff: (compiled) => {
        changedUnits = compiled.result.units.filter(({ changed, gone }) => changed.length + gone.length > 0);
        return this.#stages.diff(compiled);
      },
      load: (linked) => {
        plan = linked.plan;
        this.spoiling = plan;
        return this.#stages.load(linked);
      },
    };
    const save = { files: new Set(known), at: performance.now(), rebuild: false };
    try {
      const outcome = await pipeline(stages, save, new AbortController().signal);
      return { ...outcome, changedUnits };
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'refused', reasons: error.reasons, changedUnits };
      throw error;
    }
  }

  /** A second process that gets all live patches at once: what one process showed is looked at again. */
  async again() {
    const server = await this.#listen();
    try {
      const run = await this.#hold(server);
      for (const image of this.images)
        for (const delivery of server.deliver(image)) {
          const outcome = await delivery.outcome;
          if (outcome.kind !== 'applied')
            throw new Error(`patch ${image.patch} is ${outcome.kind} the second time`);
        }
      return await this.finish(run);
    } finally {
      await server.close();
    }
  }

  /** Lets a held process go on into `main` and on to its end. */
  finish(run = this.run) {
    this.#servers.get(run).release(run.pid);
    return run.end();
  }

  /** Patches that nothing reaches any more are freed until the next one. */
  rest() {
    this.#stages.rest();
  }

  async close() {
    for (const run of this.#runs) await run.stop();
    await this.#server.close();
    await this.#stages.close();
  }

  async #hold(server) {
    const joined = new Promise((resolve, reject) => {
      this.#joined = { resolve, reject };
    });
    const { record, how } = this;
    // A program that is to be run many times is held by what is preloaded; see rounds.c.
    const hold = how.preload === undefined ? { NX_HOTPATCH_HOLD: '1' } : {};
    const run = new TestRun({ record, ...how, environment: { ...server.environment, ...hold } });
    this.#runs.push(run);
    this.#servers.set(run, server);
    const late = setTimeout(() => this.#joined.reject(new Error(`${this.name} did not connect`)), HELLO_MS);
    try {
      await joined;
    } finally {
      clearTimeout(late);
    }
    return run;
  }

  #listen() {
    return LoaderServer.listen(
      { buildId: this.record.image.buildId, version },
      {
        joined: () => this.#joined?.resolve(),
        refused: (_, reasons) => this.#joined?.reject(new Refusal(reasons)),
      },
    );
  }

  /** The server, with a look at each image that passes. */
  #processes(server) {
    return {
      get layout() {
        return server.layout;
      },
      get pids() {
        return server.pids;
      },
      unload: (patches) => server.unload(patches),
      deliver: (image) => server.deliver(this.#passing(image)),
      keep: (image) => {
        const sent = this.#passing(image);
        this.images.push(sent);
        server.keep(sent);
      },
    };
  }

  #passing(image) {
    return this.how.spoil?.(image, this.spoiling) ?? image;
  }
}
