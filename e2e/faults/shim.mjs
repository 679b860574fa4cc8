/** The preloaded library that names steps and makes them fail; see step.h. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles it. @returns {string} the library's path */
export function buildShim(folder) {
  const library = join(folder, 'fault.so');
  const sources = ['step.c', 'calls.c'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  execFileSync(
    'cc',
    ['-shared', '-fPIC', '-Wl,-z,initfirst', '-O1', '-Wall', '-Werror', '-o', library, ...sources],
    {
      stdio: 'inherit',
    },
  );
  return library;
}

/** One use of the library: what a task is to be started with, and what came of it. */
export class Fault {
  /**
   * @param {string} shim path of the library
   * @param {string} root folder of everything that the task has
   * @param {{ step: string, action: 'kill' | number }} [fault] none: the steps are recorded only
   */
  constructor(shim, root, fault) {
    this.state = join(root, 'fault');
    this.env = {
      LD_PRELOAD: shim,
      FAULT_ROOT: root,
      FAULT_STATE: this.state,
      FAULT_TRACE: `${this.state}.trace`,
      ...(fault && { FAULT_AT: fault.step, FAULT_ACTION: String(fault.action) }),
    };
  }

  get happened() {
    return existsSync(`${this.state}.hit`);
  }

  /** Steps have names of their own from now on: what follows is a build while the program runs. */
  rebuilding() {
    writeFileSync(`${this.state}.rebuild`, '');
  }

  /** There is room on the disk again. */
  end() {
    writeFileSync(`${this.state}.over`, '');
  }

  /** `<role>\t<step>` of every process, in the order in which they came first. */
  get steps() {
    return [...new Set(readFileSync(`${this.state}.trace`, 'utf8').trimEnd().split('\n'))];
  }
}
