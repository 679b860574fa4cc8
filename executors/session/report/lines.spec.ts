import type { PatchedFunction } from '../../pipeline/artifacts';
import type { PatchedEvent, SessionEvent } from '../events';
import { lines } from './lines';
import { paintFor } from './paint';

const SUBJECT = { name: 'app', crates: ['text', 'core_lib', 'app'] };

function told(event: SessionEvent): readonly string[] {
  return lines(event, SUBJECT, paintFor(false));
}

function functions(change: PatchedFunction['change'], ...names: string[]): PatchedFunction[] {
  return names.map((name) => ({ name, symbol: `_ZN${name}`, change }));
}

function patched(changes: Partial<PatchedEvent>): PatchedEvent {
  const ms = { rustc: 140.6, diff: 4.2, link: 2.1, load: 0.2, apply: 0.5, total: 163.4 };
  const rest = { busy: [], pauseUs: 0, notes: [] };
  return { event: 'patched', patch: 1, pids: [7], functions: [], bytes: 1, ms, ...rest, ...changes };
}

test('a patch is one line with its functions and the time of each stage', () => {
  const list = [
    ...functions('changed', 'app::routes::hello', 'core_lib::price'),
    ...functions('new', 'core_lib::tax'),
  ];
  expect(told(patched({ functions: list }))).toEqual([
    '✓ patched core_lib::price, app::routes::hello (+1 new) in 163 ms   rustc 141 · diff 4 · link 2 · apply 1',
  ]);
});

test('functions whose earlier code runs again are said apart', () => {
  const list = [...functions('changed', 'app::a'), ...functions('restored', 'app::b', 'app::c')];
  expect(told(patched({ functions: list }))[0]).toContain('✓ patched app::a, restored app::b, app::c in');
  expect(told(patched({ functions: functions('restored', 'app::b') }))[0]).toContain('✓ restored app::b in');
});

test('many functions are counted, not listed', () => {
  const many = functions('changed', 'a', 'b', 'c', 'd', 'e', 'f');
  expect(told(patched({ functions: many }))[0]).toContain('patched a, b, c, d and 2 more in');
});

test('a person who wants to know more gets all functions', () => {
  const list = [...functions('changed', 'app::a'), ...functions('new', 'app::b')];
  expect(lines(patched({ functions: list }), SUBJECT, paintFor(false), true).slice(1)).toEqual([
    '  changed app::a',
    '  new app::b',
  ]);
});

test('functions of an edited library come before its callers, whose code can change with it', () => {
  const list = functions(
    'changed',
    'app::a',
    'app::b',
    'core_lib::c',
    '<core_lib::D as Clone>::clone',
    'text::euros',
  );
  expect(told(patched({ functions: list }))[0]).toContain(
    'patched text::euros, core_lib::c, <core_lib::D as Clone>::clone, app::a and 1 more in',
  );
});

test('functions of the workspace come before those of libraries', () => {
  const list = functions(
    'changed',
    '<T as alloc::Vec>::new',
    'core::ptr::read',
    '<app::State as Clone>::clone',
  );
  expect(told(patched({ functions: list }))[0]).toContain(
    'patched <app::State as Clone>::clone, <T as alloc::Vec>::new, core::ptr::read in',
  );
});

test('instances of one generic function are named once', () => {
  expect(told(patched({ functions: functions('changed', 'a', 'a', 'b') }))[0]).toContain('patched a, b in');
});

test('a patch of constants alone says so', () => {
  expect(told(patched({}))[0]).toContain('patched constants in 163 ms');
});

test('several processes are counted', () => {
  expect(told(patched({ pids: [7, 8], functions: functions('changed', 'a') }))[0]).toContain(
    'a in 2 processes in 163 ms',
  );
});

test('a refusal gives every reason with its remedy, and what happens now', () => {
  const reasons = ['State', 'Config'].map((subject) => ({
    code: 'layout',
    subject,
    message: `${subject} grew.`,
    remedy: 'Restart.',
  }));
  expect(told({ event: 'refused', reasons, action: 'restart' })).toEqual([
    '✗ State grew. Restart.',
    '✗ Config grew. Restart.',
    '  building anew to restart app',
  ]);
});

test.each<[SessionEvent, string]>([
  [{ event: 'ready', pid: 4711, image: '/app', buildId: 'a' }, '✓ app running (pid 4711), watching 3 crates'],
  [{ event: 'restarted', pid: 4712 }, '↻ app restarted (pid 4712)'],
  [{ event: 'unchanged', notes: [] }, '✓ nothing that runs has changed'],
  [{ event: 'exited', pid: 1, code: 3, signal: null }, '✗ app (pid 1) ended with code 3'],
  [{ event: 'exited', pid: 1, code: null, signal: 'SIGSEGV' }, '✗ app (pid 1) ended by SIGSEGV (code 139)'],
])('$event is one line', (event, line) => {
  expect(told(event)).toEqual([line]);
});
