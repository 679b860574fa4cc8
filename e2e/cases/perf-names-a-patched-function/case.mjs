import { match, strictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export default {
  behaviour: 'Samples that perf takes in a patched function have its name, and nothing stays in /tmp.',
  needs: 'perf',
  steps: [
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('sum ^ at', 'sum | at') },
      patched: { redirected: ['app::behaviour::spin'] },
    },
    {
      run: async ({ task, scratch }) => {
        const pid = task.pids.at(-1);
        const data = join(scratch, 'perf.data');
        await run('perf', ['record', '-e', 'cpu-clock', '-p', pid, '-o', data, '--', 'sleep', '1']);
        const script = await run('perf', ['script', '-i', data, '-F', 'ip,sym']);
        match(script.stdout, /^\s*[0-9a-f]+ app::behaviour::spin$/m);
        await task.interrupt();
        strictEqual(await access(`/tmp/perf-${pid}.map`).catch(({ code }) => code), 'ENOENT');
      },
    },
  ],
};
