import type { Reason } from './artifacts';
import { ofSeveral, ofTypes } from './old-values';

const reason = (code: string, message: string): Reason => ({ code, subject: code, message, remedy: 'r' });
const row = reason('type-layout', 'The layout of `app::Row` changed, and old values may be alive.');
const running = reason('old-values', '`app::parse` is running in worker (7).');

describe('values of an old layout', () => {
  it('that a process has are told of the type, with where they may be', () => {
    expect(ofTypes([running], [row])).toEqual([
      { ...row, message: `${row.message} \`app::parse\` is running in worker (7).` },
    ]);
  });

  it('leave other reasons as they are', () => {
    const foreign = reason('foreign-image', 'It is another program.');
    expect(ofTypes([foreign, running], [row]).map(({ code }) => code)).toEqual([
      'type-layout',
      'foreign-image',
    ]);
    expect(ofTypes([foreign], [row])).toEqual([foreign]);
    expect(ofTypes([running], [])).toEqual([running]);
  });

  it('are not looked for in several processes at once', () => {
    expect(ofSeveral([1], [row])).toEqual([]);
    expect(ofSeveral([1, 2], [])).toEqual([]);
    expect(ofSeveral([1, 2], [row])[0]?.message).toMatch(/has 2 processes/);
  });
});
