import { dirname } from 'node:path';

export default {
  behaviour: 'Without cargo the task ends with one sentence that says where to get it.',
  env: () => ({ PATH: dirname(process.execPath) === '/usr/bin' ? '/nowhere' : dirname(process.execPath) }),
  fails: { code: 1, words: /cargo.*(rustup|PATH)/is },
};
