/** What a user can meet on the way ends in a sentence that says what to do. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nx } from '../tasks/nx.mjs';
import { restore, write } from '../tasks/workspace.mjs';
import { edit, occupied } from './company.mjs';

export const failures = ({ root, services }) => ({
  async 'a port that is in use is told by the program, and its code ends the task'() {
    await withPortTaken(async (port) => {
      const output = await fails(root, ['run', 'api:hotpatch'], { API_PORT: String(port) });
      match(
        output,
        new RegExp(`api cannot listen on port ${port}: Address already in use.*API_PORT chooses another one`),
      );
      match(output, /api \(pid \d+\) ended with code 1/);
    });
  },

  async 'a dev server without its port ends the api that was started for it'() {
    await withPortTaken(async (port) => {
      const output = await fails(root, ['run', 'web:dev'], { WEB_PORT: String(port) });
      match(output, new RegExp(`Port ${port} is already in use`));
    });
  },

  async 'a host that is not installed is named'() {
    const output = await fails(root, [
      'run',
      'addon:hotpatch',
      '--',
      'node-of-nobody',
      'apps/gateway/server.js',
    ]);
    match(output, /node-of-nobody/);
  },

  async 'a missing Python interpreter is told by the build script of PyO3'() {
    // For the stable ABI alone PyO3 builds without one.
    await edit(root, 'native/extension/Cargo.toml', '"abi3-py38", ', '');
    const output = await fails(root, ['run', 'extension:hotpatch'], { PYO3_PYTHON: '/nowhere/python3' });
    restore(root);
    match(output, /failed to run the Python interpreter at \/nowhere\/python3/);
    match(output, /extension does not build\. Correct the errors above/);
  },

  async 'generated code that nobody has generated is a file that rustc misses'() {
    await rm(join(root, 'libs/contract/src/generated.rs'));
    await write(root, { 'nx.json': JSON.stringify({ plugins: ['nx-hotpatch'], analytics: false }) });
    const output = await fails(root, ['run', 'addon:hotpatch', '--', 'node', 'apps/gateway/server.js']);
    restore(root);
    match(output, /file not found for module `generated`/);
    match(output, /addon does not build\. Correct the errors above/);
  },

  async 'with the generator upstream it is there, and what Nx restores of it from its cache is what runs'() {
    await services.start('addon');
    // The contract is that of the first commit again, and older than what cargo has compiled since.
    await services.quote(800);
    deepEqual(await services.stop(), []);
  },
});

async function fails(root, args, env = {}) {
  const { ok: done, output } = await nx(root, args, env);
  equal(done, false, output);
  return output;
}

async function withPortTaken(use) {
  const server = await occupied();
  await use(server.address().port);
  server.close();
}
