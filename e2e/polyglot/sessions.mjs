/** Several programs of one Cargo workspace run, and one save of a shared library patches them all. */
import { deepEqual, equal } from 'node:assert/strict';
import { nx } from '../tasks/nx.mjs';
import { edit } from './company.mjs';

const PRICING = 'libs/pricing/src/lib.rs';

export const sessions = ({ root, services }) => ({
  async 'one command starts the api, the dev server of the front end and the generator beside it'() {
    await services.start('api');
    await services.running.get('api').says(/VITE/);
  },

  async 'a Node and a Python process that contain the same libraries start at once'() {
    await Promise.all([services.start('addon'), services.start('extension')]);
    await services.quote(800);
  },

  async 'a target of @monodon/rust works beside them'() {
    const { ok: done, output, ran } = await nx(root, ['run', 'checksum:test']);
    equal(done, true, output);
    deepEqual(ran, ['checksum:test']);
  },

  async 'a save of a shared library patches all three where they are'() {
    const pids = services.pids();
    await edit(root, PRICING, '300 + grams', '400 + grams');
    await services.patched('pricing::price');
    await services.quote(900);
    deepEqual(services.pids(), pids);
  },

  async 'what the front end asks for comes from the patched api, and its dev server stays'() {
    const { status, body } = await services.ask('api', 99_999, 'WEB_PORT');
    deepEqual({ status, body }, { status: 422, body: 'grams is 99999, and must be from 1 to 30000' });
    const page = await fetch(`http://127.0.0.1:${services.ports.WEB_PORT}/`);
    equal((await page.text()).includes('/src/main.ts'), true);
    equal(services.running.get('api').output.match(/VITE/g).length, 1);
  },

  async 'a library that every program has from the same files of cargo is patched in all as well'() {
    await edit(root, 'libs/checksum/src/lib.rs', 'NP{number:06}', 'NP{number:07}');
    await services.patched('checksum::tracking');
    await services.quote(900, { width: 7 });
  },

  async 'an error is told by all, and none of them changes until it is corrected'() {
    await edit(root, PRICING, '400 + grams', '"four" + grams');
    const told = await services.each('compile-error');
    const errors = Object.values(told).map(({ diagnostics }) => diagnostics.map(({ code }) => code));
    deepEqual(errors, [['E0369'], ['E0369'], ['E0369']]);
    await services.quote(900, { width: 7 });
    await edit(root, PRICING, '"four" + grams', '500 + grams');
    await services.patched('pricing::price');
    await services.quote(1000, { width: 7 });
  },

  async 'one that is restarted alone takes nothing away from the others'() {
    const { addon, extension } = services.pids();
    const { ok: done, output } = await nx(root, ['run', 'api:hotpatch-tell', '--tell=restart']);
    equal(done, true, output);
    await services.running.get('api').event('restarted');
    services.startedAnew('api');
    await services.quote(1000, { width: 7 });
    await edit(root, PRICING, '500 + grams', '300 + grams');
    await services.patched('pricing::price');
    await services.quote(800, { width: 7 });
    const now = services.pids();
    deepEqual({ addon: now.addon, extension: now.extension }, { addon, extension });
  },
});
