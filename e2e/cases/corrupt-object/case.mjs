import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export default {
  behaviour: 'An object that is cut off is refused with its name, and the program runs on untouched.',
  options: { onRefused: 'keep' },
  steps: [
    { ask: { abc: '1 7' } },
    { run: ({ workspace }) => writeFileSync(join(workspace, 'spoil'), '') },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('* 2', '* 3') },
      refused: { code: 'corrupt-object', words: /leaf.*\.o/s, action: 'keep' },
    },
    { ask: { abc: '2 7' } },
    { run: ({ workspace }) => rmSync(join(workspace, 'spoil')) },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('* 3', '* 4') },
      patched: { redirected: ['leaf::double'] },
    },
    { ask: { abc: '3 13' } },
  ],
};
