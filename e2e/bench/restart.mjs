/** The usual way: `cargo build`, start the program anew, wait for the first answer that shows the edit. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Mailbox } from '../harness/mailbox.mjs';
import { environment } from '../harness/task.mjs';

export function restarter(workspace, program) {
  let running;
  return {
    /** Milliseconds from now to the first answer with the text of `round`. */
    async rebuild(round) {
      const started = performance.now();
      const env = environment('/tmp');
      const build = spawn('cargo', ['build', '-q', ...program.cargo], {
        cwd: workspace,
        env,
        stdio: 'ignore',
      });
      const code = await new Promise((resolve) => build.once('close', resolve));
      if (code !== 0) throw new Error(`cargo build of ${program.name} failed`);
      await this.stop();
      running = start(join(workspace, program.image), workspace, env);
      const state = {};
      if (!(await program.ask(running, state, round)))
        throw new Error(`${program.name} answers without the edit`);
      return performance.now() - started;
    },
    async stop() {
      if (!running) return;
      running.child.kill('SIGKILL');
      await running.ended;
      running = undefined;
    },
  };
}

function start(image, cwd, env) {
  const child = spawn(image, [], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = new Mailbox();
  createInterface({ input: child.stdout }).on('line', (line) => lines.post(line));
  return { child, lines, stdin: child.stdin, ended: new Promise((resolve) => child.once('close', resolve)) };
}
