import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const tools = ['cargo', 'rustc', 'rustup', 'sh', 'node', 'cat', 'mkdir'];

export default {
  behaviour: 'Without a C compiler, which rustc needs to link, the task ends with one sentence and a remedy.',
  env: ({ workspace }) => ({ PATH: folderWithout(join(workspace, 'bin')) }),
  fails: { code: 1, words: /C compiler.*install/is },
};

/** A PATH on which there is everything that a build needs but `cc`. */
function folderWithout(folder) {
  mkdirSync(folder);
  for (const tool of tools) {
    const path = execFileSync('sh', ['-c', `command -v ${tool} || true`], { encoding: 'utf8' }).trim();
    if (path) symlinkSync(path, join(folder, tool));
  }
  return folder;
}
