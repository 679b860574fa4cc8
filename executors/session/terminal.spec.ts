import { isForegroundStat } from './terminal';

test.each([
  ['4711 (node) S 4700 4700 4600 34816 4700 4194304 0', true],
  ['4711 (a (b) c) S 4700 4700 4600 34816 4700 4194304 0', true],
  ['4711 (node) S 4700 4700 4600 34816 4600 4194304 0', false],
  ['4711 (node) S 4700 4700 4600 0 -1 4194304 0', false],
])('%s is in the foreground of a terminal: %s', (stat, foreground) => {
  expect(isForegroundStat(stat)).toBe(foreground);
});
