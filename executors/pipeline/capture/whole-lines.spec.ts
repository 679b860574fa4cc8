import { WholeLines } from './whole-lines';

test('a line that comes in parts is handed on whole, and what never ends at the end', () => {
  const written: string[] = [];
  const lines = new WholeLines((text) => written.push(text));
  for (const part of ['   Compiling', ' app v0.1.0\nwarning: unused\n --> src', '/main.rs:1\n', 'killed'])
    lines.add(part);
  expect(written).toEqual(['   Compiling app v0.1.0\nwarning: unused\n', ' --> src/main.rs:1\n']);
  lines.end();
  expect(written.at(-1)).toBe('killed');
});
