/** What reaches the programs by other ways than a save of Rust: generated code, C, another Cargo workspace. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { edit } from './company.mjs';
import { luhn } from './services.mjs';

const CONTRACT = 'contracts/openapi.json';
const WIDE = { width: 7 };

export const changes = ({ root, services }) => ({
  async 'a changed limit in the contract is generated anew and patched everywhere'() {
    const pids = services.pids();
    await edit(root, CONTRACT, '30000', '20000');
    await services.patched('contract::generated::Parcel::validate');
    for (const project of services.withPricing.keys())
      deepEqual(await services.ask(project, 25_000), {
        status: 422,
        body: 'grams is 25000, and must be from 1 to 20000',
      });
    await services.quote(800, WIDE);
    deepEqual(services.pids(), pids);
  },

  async 'a new field of the contract is an error until somebody gives it a value'() {
    await edit(root, CONTRACT, '"cents":', '"insured": { "type": "integer" },\n          "cents":');
    const told = await services.each('compile-error');
    deepEqual(
      Object.values(told).map(({ diagnostics }) => diagnostics.map(({ code }) => code)),
      [['E0063'], ['E0063'], ['E0063']],
    );
    await services.quote(800, WIDE);
  },

  async 'and then it is patched everywhere, for no value of the type outlives its request'() {
    const pids = services.pids();
    await edit(root, 'libs/pricing/src/lib.rs', 'cents: price', 'insured: 50,\n        cents: price');
    for (const { notes } of Object.values(await services.each('patched')))
      match(
        notes.join('\n'),
        /`contract::generated::Quote` changed .*`insured: u64` is new.* no value of the old one was alive/,
      );
    await services.quote(800, { ...WIDE, more: { insured: 50 } });
    deepEqual(services.pids(), pids);
  },

  async 'a change of the C library is built by its build script, and all are restarted'() {
    await edit(root, 'libs/checksum/c/check_digit.c', 'return (10 - sum % 10) % 10;', 'return sum % 10;');
    await refusedAndRestarted(services, {
      code: 'manifest-changed',
      words: /^libs\/checksum\/c\/check_digit\.c changed, and with it how the program is built\.$/,
    });
    const digit = (number) => (10 - luhn(number)) % 10;
    await services.quote(800, { ...WIDE, digit, more: { insured: 50 } });
  },

  async 'a program of a nested Cargo workspace is patched with a target folder of its own'() {
    const task = await services.start('indexer');
    deepEqual(await services.index('add 12 High Street', 'add 3 Mill Lane', 'find street'), [
      '1',
      '2',
      '12 High Street',
    ]);
    await edit(root, 'tools/indexer/src/main.rs', 'say `add ADDRESS`', 'add ADDRESS');
    const { functions, pids } = await task.event('patched');
    deepEqual(
      { functions: functions.map(({ name }) => name), pids },
      { functions: ['indexer::answer'], pids: task.pids },
    );
    deepEqual(await services.index('what', 'find street'), ['add ADDRESS or `find WORD`', '12 High Street']);
    equal(existsSync(join(root, 'tools/indexer/target/hotpatch')), true);
  },

  async 'Ctrl-C ends all of them and leaves nothing behind'() {
    deepEqual(await services.stop(), []);
  },

  async 'started again without a change, nothing is compiled'() {
    const start = () =>
      Promise.all([services.start('api'), services.start('addon'), services.start('extension')]);
    // The generator that watched is none of Nx's cached tasks: the first start generates, and cargo sees new files.
    await start();
    deepEqual(await services.stop(), []);
    await start();
    // What Nx repeats of cached tasks comes on standard output.
    for (const [project, { transcript }] of services.running)
      deepEqual(
        transcript.filter((line) => /stderr .*Compiling/.test(line)),
        [],
        project,
      );
    deepEqual(await services.stop(), []);
  },
});

async function refusedAndRestarted(services, { code, words }) {
  const told = await services.each('refused');
  for (const [project, { reasons, action }] of Object.entries(told)) {
    deepEqual(
      { codes: [...new Set(reasons.map((reason) => reason.code))], action },
      { codes: [code], action: 'restart' },
      project,
    );
    match(reasons.map(({ message }) => message).join('\n'), words);
  }
  await services.each('restarted');
  services.startedAnew(...services.withPricing.keys());
}
