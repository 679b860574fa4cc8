import { deepStrictEqual } from 'node:assert/strict';
import { isOwn, namesOf } from '../../harness/names.mjs';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

const edit = (file, from, to) => ({ [file]: (text) => text.replace(from, to) });
const extra = (from, to) => edit('extra/src/lib.rs', from, to);

/** A dependency of which the program contains nothing, as no code names it. */
const unnamed = [
  { ask: { abc: '1 7' } },
  // A layout of which no value can live, too.
  { edit: extra('    calls: u32,\n', '    calls: u64,\n    of: u64,\n'), compileError: /mismatched types/ },
  {
    edit: extra('calls: CALLS.get(),', 'calls: CALLS.get().into(),\n        of: 7,'),
    unchanged: true,
    ask: { abc: '2 7' },
  },
  { edit: edit('below/src/lib.rs', 'fetch_add(1,', 'fetch_add(2,'), unchanged: true },
  {
    edit: edit('app/src/behaviour.rs', /reply\(command\)/, 'extra::note(command)'),
    patched: {
      // With the crate come its instances of generic functions, and app uses those in place of its own.
      redirected: { own: ['app::behaviour::Program::answer', 'app::main'] },
      added: { includes: ['extra::note', 'below::measure', 'humantime::duration::format_duration'] },
      notes: [
        '`app::main` is running and keeps its old code until it returns; what it calls is patched.',
        '`extra::STARTS` (extra/src/lib.rs:31) is to run at start-up (section `.init_array`); what is new about it takes effect after a restart.',
      ],
    },
  },
  { ask: { abc: '3 103 11 3s', ab: '4 105 12 2s' } },
];

/** From then on it is a crate like any other, and keeps its state. */
const named = [
  {
    edit: extra('{} {} {time}', '{} after {} {time}'),
    patched: { redirected: ['extra::note'] },
    ask: { abc: '5 108 after 13 3s' },
  },
  {
    edit: edit(
      'below/src/lib.rs',
      'text.len() as u32',
      'text.len() as u32 + MEASURED.load(Ordering::SeqCst)',
    ),
    patched: { redirected: ['below::measure'] },
    ask: { a: '6 117 after 14 9s' },
  },
];

/** Takes back, and gives the numbers of the patches and the functions that run older code. */
async function undo(stage, words) {
  const { event } = await tell(stage, words, { json: true });
  await stage.task.event('undone');
  return [event.patches, namesOf(event, 'restored').filter(isOwn)];
}

export default {
  behaviour:
    'A library of the workspace that no code named is compiled when it is saved, comes along with the first call into it, and is patched from then on.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    for (const step of [...unnamed, ...named]) await play(step, at);

    deepStrictEqual(await undo(at, 'undo'), [[3], ['below::measure']]);
    await play({ ask: { a: '7 118 after 15 1s' } }, at);
    deepStrictEqual(await undo(at, 'undo:1'), [
      [2, 1],
      ['app::behaviour::Program::answer', 'app::main'],
    ]);
    await play({ ask: { a: '8 3' } }, at);
    // What a patch brought starts anew when it was taken back and comes again.
    const again = {
      edit: extra('after', 'then'),
      patched: {
        redirected: { own: ['app::behaviour::Program::answer', 'app::main'] },
        added: { includes: ['extra::note', 'below::measure'] },
      },
      ask: { abc: '9 105 then 11 5s' },
    };
    await play(again, at);
    // Named no more, and once more: what the program has of it goes on.
    const without = edit('app/src/behaviour.rs', 'extra::note(command)', 'reply(command)');
    const restored = { own: ['app::behaviour::Program::answer', 'app::main'] };
    await play({ edit: without, patched: { restored }, ask: { abc: '10 7' } }, at);
    const anew = edit('app/src/behaviour.rs', /\breply\(command\)(?=\))/, 'extra::note(command)');
    await play({ edit: anew, patched: { redirected: restored }, ask: { a: '11 110 then 12 5s' } }, at);
  },
};
