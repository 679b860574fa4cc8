/**
 * Two clones at two places, each with a local cache of its own, and one remote cache: what one has compiled the other need
 * not, and nothing that the remote cache says is believed unseen. `node e2e/tasks/team.mjs [--keep]`; the last line is
 * `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linkPackages } from '../harness/workspace.mjs';
import { edited, filesOf } from './archive.mjs';
import { CacheServer } from './cache-server.mjs';
import { EVERYTHING, isCached, nx } from './nx.mjs';
import { play } from './suite.mjs';
import { watchRustc } from './watch-rustc.mjs';
import { git, makeTasksWorkspace, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const server = new CacheServer();
const remote = await server.start();
const { root: first } = await makeTasksWorkspace(scratch, 'first');
const { PATH, compiles } = await watchRustc(scratch);
const all = [];
/** What the program prints. */
const RUNS = /10 inside\noutside\nbuiltNone steel/;

const isImage = (files) => files.some((file) => file.endsWith('images/api/api/image.json'));
const isCrate = (files) => files.some((file) => /crates\/shared\/.*crate\.json$/.test(file));

const steps = {
  async 'the first clone compiles, and gives everything to the team'() {
    const { ok: built, ran, output } = await inClone(first, EVERYTHING);
    ok(built, output);
    all.push(...ran.filter(isCached));
    equal(server.entries.size, all.length);
    ok((await compiles()).length > 0, 'rustc is watched');
  },

  async 'another clone at another place compiles nothing'() {
    const clone = await makeClone('deeper/second');
    const { ok: built, remote: hits, ran, output } = await inClone(clone, EVERYTHING);
    ok(built, output);
    deepEqual(ran.filter(isCached), []);
    deepEqual(hits, all);
    deepEqual(await compiles(), []);
  },

  async 'and runs the program without a compile'() {
    const clone = join(scratch, 'deeper/second');
    const { output } = await inClone(clone, ['run', 'api:hotpatch']);
    match(output, RUNS);
    deepEqual(await compiles(), []);
  },

  async 'an image that was changed in the cache is noticed, said, and made anew'() {
    await spoilt('fourth', isImage, (archive) =>
      edited(archive, (folder) => appendFileSync(find(folder, 'image'), 'hostile')),
    );
  },

  async 'units that were changed in the cache are noticed, said, and made anew'() {
    await spoilt('fifth', isCrate, (archive) =>
      edited(archive, (folder) => appendFileSync(find(folder, /\.o$/), 'hostile')),
    );
  },

  async 'the entry of another task in place of an image serves nobody, and the image is made anew'() {
    const other = [...server.entries.values()].find((archive) => isCrate(filesOf(archive)));
    await spoilt('sixth', isImage, () => other, RUNS);
  },

  async 'who forges all of it chooses no compiler'() {
    const evil = join(scratch, 'evil');
    await write(scratch, { evil: `#!/bin/sh\ntouch '${evil}-ran'\nexec rustc "$@"\n` });
    await chmod(evil, 0o755);
    const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
    const entry = (fits) => [...server.entries].find(([, archive]) => fits(filesOf(archive)));
    const [crateHash, crate] = entry((files) =>
      files.some((file) => /crates\/api\/.*crate\.json$/.test(file)),
    );
    const [imageHash, image] = entry(isImage);
    const digests = [];
    const forge = (file, change) => writeFileSync(file, change(readFileSync(file, 'utf8')));
    const forgedCrate = edited(crate, (folder) => {
      const file = find(folder, 'crate.json');
      digests.push(digest(file));
      forge(file, (text) => text.replace(/"rustc": "[^"]*"/, `"rustc": "${evil}"`));
      digests.push(digest(file));
    });
    const forgedImage = edited(image, (folder) =>
      forge(find(folder, 'image.json'), (text) => text.replace(...digests)),
    );
    const clone = await makeClone('eighth');
    server.entries.set(crateHash, forgedCrate);
    server.entries.set(imageHash, forgedImage);
    try {
      const { output } = await inClone(clone, ['run', 'api:hotpatch']);
      match(output, RUNS);
      match(output, /would have api compiled with .*\/evil, which is not of this clone: it is made anew/);
      equal(existsSync(`${evil}-ran`), false);
    } finally {
      server.entries.set(crateHash, crate);
      server.entries.set(imageHash, image);
    }
  },

  async 'a truncated entry is an error of Nx, which builds without the remote cache when told to'() {
    const [hash, archive] = [...server.entries].find(([, entry]) => isImage(filesOf(entry)));
    const clone = await makeClone('seventh');
    server.entries.set(hash, archive.subarray(0, archive.length >> 1));
    const { ok: ran, output } = await inClone(clone, ['run', 'api:hotpatch']);
    equal(ran, false);
    match(output, /NX +Failed to unpack entry/);
    match((await inClone(clone, ['run', 'api:hotpatch', '--skipRemoteCache'])).output, RUNS);
  },
};

await play(steps, { scratch, keep: values.keep });
server.stop();

async function makeClone(place) {
  const clone = join(scratch, place);
  git(scratch, 'clone', '--quiet', first, clone);
  await linkPackages(clone);
  await compiles();
  return clone;
}

function inClone(root, args, env = {}) {
  return nx(root, args, {
    ...remote,
    NX_CACHE_DIRECTORY: join(root, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(root, '.nx/data'),
    PATH,
    ...env,
  });
}

/** Runs the program in a new clone while one entry of the cache is another one: it must run all the same. */
async function spoilt(place, fits, change, said = /damaged.*made anew/) {
  const [hash, archive] = [...server.entries].find(([, entry]) => fits(filesOf(entry)));
  const clone = await makeClone(place);
  server.entries.set(hash, await change(archive));
  try {
    const { output } = await inClone(clone, ['run', 'api:hotpatch']);
    match(output, RUNS);
    match(output, said);
    ok((await compiles()).length > 0, 'it was compiled');
  } finally {
    server.entries.set(hash, archive);
  }
}

function find(folder, name) {
  const fits = (file) => (name instanceof RegExp ? name.test(file) : file.endsWith(`/${name}`));
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(fits);
  if (found === undefined) throw new Error(`the archive has no ${name}`);
  return join(folder, found);
}
