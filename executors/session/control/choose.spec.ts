import { chooseSession } from './choose';
import type { SessionEntry } from './registry';

const first: SessionEntry = {
  pid: 10,
  programPid: 11,
  since: '2026-01-02T03:04:05.000Z',
  args: ['--port=80', 'a b'],
  packageFolder: '/w/app',
  program: 'app',
  profile: 'dev',
  socket: '/run/1.sock',
};
const second: SessionEntry = {
  ...first,
  pid: 20,
  programPid: 21,
  since: '2026-01-02T03:05:05.000Z',
  args: [],
};
const release: SessionEntry = { ...first, pid: 30, programPid: 31, profile: 'release' };
const foreign: SessionEntry = { ...first, pid: 40, programPid: 41, packageFolder: '/w/other' };
const wanted = { packageFolder: '/w/app', program: 'app', profile: 'dev', pid: undefined };

test('the only session of a program is meant, whatever its profile', () => {
  expect(chooseSession([foreign, first], wanted)).toBe(first);
  expect(chooseSession([foreign, first], { ...wanted, profile: 'release' })).toBe(first);
});

test('of several, the only one of the profile is meant', () => {
  expect(chooseSession([release, first], wanted)).toBe(first);
  expect(chooseSession([release, first], { ...wanted, profile: 'release' })).toBe(release);
});

test('several of one profile are listed, the oldest first, so that one can be named', () => {
  const time = (entry: SessionEntry) => new Date(entry.since).toLocaleString('sv-SE');
  expect(() => chooseSession([second, first, foreign], wanted)).toThrow(
    'app runs in several sessions: say which with --tellPid, ' +
      `11 (dev, since ${time(first)}, --port=80 a b) or 21 (dev, since ${time(second)}, no arguments).`,
  );
});

test.each([21, 20])('a session is named by the pid of its program or by its own (%i)', (pid) => {
  expect(chooseSession([first, second, release], { ...wanted, pid })).toBe(second);
});

test('a pid names a session of another profile too', () => {
  expect(chooseSession([first, release], { ...wanted, pid: 31 })).toBe(release);
});

test('a pid that no session of the program has is answered with those that there are', () => {
  expect(() => chooseSession([first, foreign], { ...wanted, pid: 41 })).toThrow(
    /^no session of app has the pid 41: --tellPid can be 11 \(dev, .*\)\.$/,
  );
});

test('without a session of the program none is looked for by its pid', () => {
  expect(() => chooseSession([foreign], { ...wanted, pid: 41 })).toThrow(/^no session of app runs: /);
});
