import { attach, interrupt } from '../../harness/debugged.mjs';

const behaviour = 'app/src/behaviour.rs';
const redirected = ['app::behaviour::first'];

export default {
  behaviour:
    'A breakpoint of gdb in the first bytes of a function is not written over, and the program goes on.',
  needs: 'gdb',
  steps: [
    attach('gdb', 'break app::behaviour::first'),
    {
      edit: { [behaviour]: (text) => text.replace('* 10', '* 100') },
      refused: {
        code: 'debugger-breakpoint',
        words: /behaviour::first.*Delete the breakpoint/,
        action: 'keep',
      },
    },
    interrupt('delete'),
    { ask: { a: '11' } },
    { edit: { [behaviour]: (text) => `${text}\n` }, patched: { redirected }, ask: { b: '101' } },
  ],
};
