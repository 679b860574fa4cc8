import { join } from 'node:path';
import { play } from '../../harness/steps.mjs';
import { lay } from '../../harness/workspace.mjs';

const far = ['<app::behaviour::Far as app::behaviour::Station>::name'];
const steps = [
  { ask: { a: 'near1 far 11' } },
  { edit: 'after', patched: { redirected: far } },
  { ask: { b: 'near2 farther 12', c: 'near3 farther 13' } },
];

export default {
  behaviour:
    'Behind a new impl an edited method reaches living objects; a static inside of a method and a lazy iterator go on.',
  async play(stage) {
    for (const RUSTFLAGS of [undefined, '-Csymbol-mangling-version=v0']) {
      await lay(join(stage.folder, 'before'), stage.workspace);
      stage.task = await stage.start({ env: { RUSTFLAGS } });
      await stage.task.event('ready');
      for (const step of steps) await play(step, stage);
      await stage.task.interrupt('SIGINT');
    }
  },
};
