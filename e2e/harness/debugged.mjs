/** Steps of cases in which a debugger is attached to the program. They are `run` steps: see README.md. */
import { strictEqual } from 'node:assert/strict';
import { Debugger } from './command-line.mjs';

/** Attaches a debugger, types `commands` and lets the program go on. */
export function attach(kind, ...commands) {
  return {
    async run(stage) {
      stage.debugger = await Debugger.start(kind);
      await stage.debugger.attach(stage.task.pids.at(-1));
      for (const command of commands) await stage.debugger.run(command);
      stage.debugger.go();
    },
  };
}

/** Ctrl-C in the debugger, then `commands`, and on. */
export function interrupt(...commands) {
  return {
    async run({ debugger: debugger_ }) {
      debugger_.interrupt();
      await debugger_.stopped();
      for (const command of commands) await debugger_.run(command);
      debugger_.go();
    },
  };
}

/**
 * Sends the program a line, waits until it stops at a breakpoint and lets `look` type commands; then it goes on and must
 * give the answer.
 */
export function stopsAt(line, answer, look) {
  return {
    async run({ task, debugger: debugger_ }) {
      const answered = task.ask(line);
      // Should the program not stop, it is the wait for that which fails.
      answered.catch(() => {});
      const where = await debugger_.stopped();
      await look((command) => debugger_.run(command), where);
      debugger_.go();
      strictEqual(await answered, answer, `answer to "${line}"`);
    },
  };
}
