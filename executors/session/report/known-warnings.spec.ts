import type { Diagnostic } from '../../pipeline/artifacts';
import { KnownWarnings } from './known-warnings';

const warning = (name: string, line: number, note = ''): Diagnostic => ({
  level: 'warning',
  code: 'unused_variables',
  message: `unused variable: \`${name}\``,
  file: '/ws/app/src/main.rs',
  line,
  rendered: [
    `\u001b[33mwarning\u001b[0m: unused variable: \`${name}\``,
    `${' '.repeat(`${line}`.length)}--> app/src/main.rs:${line}:9`,
    `${' '.repeat(`${line}`.length)} |`,
    `${line} |     let ${name} = 1;`,
    `${' '.repeat(`${line}`.length)} |         ^`,
    ...(note === '' ? [] : [`${' '.repeat(`${line}`.length)} |`, `  = note: ${note}`]),
    '',
    '',
  ].join('\n'),
});
const error: Diagnostic = {
  level: 'error',
  code: 'E0308',
  message: 'mismatched types',
  file: '/ws/app/src/main.rs',
  line: 3,
  rendered: 'error[E0308]: mismatched types\n',
};

let known: KnownWarnings;
beforeEach(() => {
  known = new KnownWarnings();
});
const sift = (...diagnostics: readonly Diagnostic[]) => known.sift([{ crate: 'app-1', diagnostics }]);

describe('the warnings of one save after the other', () => {
  it('are shown once', () => {
    expect(sift(warning('a', 2))).toEqual({ fresh: [warning('a', 2)], asBefore: 0 });
    expect(sift(warning('a', 2), warning('b', 5))).toEqual({ fresh: [warning('b', 5)], asBefore: 1 });
    expect(sift(warning('a', 2), warning('b', 5))).toEqual({ fresh: [], asBefore: 2 });
  });

  it('are the same on another line, also where its number has more digits', () => {
    sift(warning('a', 9));
    expect(sift(warning('a', 10)).fresh).toEqual([]);
  });

  it('are the same when another one was the first of its kind, which has the note about the lint', () => {
    const note = '`#[warn(unused_variables)]` on by default';
    sift(warning('a', 2, note), warning('b', 5));
    expect(sift(warning('b', 5, note)).fresh).toEqual([]);
    const { rendered, ...where } = warning('b', 6);
    const level =
      'note: the lint level is defined here\n --> app/src/main.rs:1:9\n  |\n1 | #![warn(unused)]\n  |\n\n';
    expect(sift({ ...where, rendered: `${rendered.trimEnd()}\n${level}` }).fresh).toEqual([]);
  });

  it('are new when there is one more of the same text, or one that had gone', () => {
    sift(warning('a', 2));
    expect(sift(warning('a', 2), warning('a', 8)).fresh).toEqual([warning('a', 8)]);
    sift();
    expect(sift(warning('a', 2)).fresh).toEqual([warning('a', 2)]);
  });

  it('are known for each crate', () => {
    sift(warning('a', 2));
    const other = known.sift([{ crate: 'lib-1', diagnostics: [warning('a', 2)] }]);
    expect(other.fresh).toEqual([warning('a', 2)]);
    expect(sift(warning('a', 2)).asBefore).toBe(1);
  });

  it('stay known while the crate does not compile, whose errors are shown each time', () => {
    sift(warning('a', 2));
    expect(sift(error)).toEqual({ fresh: [error], asBefore: 0 });
    expect(sift(error, warning('b', 5)).fresh).toEqual([error, warning('b', 5)]);
    expect(sift(warning('a', 2), warning('b', 5))).toEqual({ fresh: [], asBefore: 2 });
  });
});
