import { play } from '../../harness/steps.mjs';

const patched = { redirected: ['leaf::double'] };

export default {
  behaviour: 'Two programs of one workspace run at once, and one save of a shared library patches both.',
  async play(stage) {
    const app = { ...stage, task: await stage.start() };
    const other = { ...stage, task: await stage.start({ project: 'other' }) };
    await Promise.all([app.task.event('ready'), other.task.event('ready')]);
    await play({ ask: { abc: '1 7' } }, app);
    await play({ ask: { abc: 'other 6' } }, other);
    await play({ edit: 'after', patched }, app);
    await play({ patched }, other);
    await play({ ask: { abc: '2 61' } }, app);
    await play({ ask: { abc: 'other 60' } }, other);
  },
};
