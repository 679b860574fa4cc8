/** What is known of each commit, a line each, so that an interrupted replay goes on where it was. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export class Results {
  #file;
  #byCommit = new Map();

  constructor(file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
      const result = parse(line);
      if (result !== undefined) this.#byCommit.set(result.commit, result);
    }
  }

  get(commit) {
    return this.#byCommit.get(commit);
  }

  /** The latest result of each commit, in the order in which they were first met. */
  all() {
    return [...this.#byCommit.values()];
  }

  add(result) {
    this.#byCommit.set(result.commit, result);
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
  }
}

/** The last line may be half of one: the process was killed while it wrote. */
function parse(line) {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}
