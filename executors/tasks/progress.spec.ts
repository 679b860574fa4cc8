import { Progress } from './progress';

let written: string[];
let now: string;
beforeEach(() => {
  jest.useFakeTimers();
  written = [];
  now = '1/9: syn';
});
afterEach(() => jest.useRealTimers());

const start = (terminal: boolean) =>
  new Progress(
    () => now,
    terminal,
    (text) => void written.push(text),
  );

describe('the progress of a task', () => {
  it('is not told within the first second', () => {
    const progress = start(true);
    jest.advanceTimersByTime(999);
    progress.end();
    jest.advanceTimersByTime(60_000);
    expect(written).toEqual([]);
  });

  it('is one line on a terminal, which is gone in the end', () => {
    const progress = start(true);
    jest.advanceTimersByTime(1_000);
    now = '2/9: tokio';
    jest.advanceTimersByTime(250);
    progress.end();
    expect(written).toEqual(['\r\u001b[2K… 1/9: syn', '\r\u001b[2K… 2/9: tokio', '\r\u001b[2K']);
  });

  it('is a line now and then in a log', () => {
    const progress = start(false);
    jest.advanceTimersByTime(21_000);
    progress.end();
    expect(written).toEqual(['… 1/9: syn\n', '… 1/9: syn\n', '… 1/9: syn\n']);
  });

  it('leaves room for what is to stay', () => {
    const progress = start(true);
    jest.advanceTimersByTime(1_000);
    progress.say('! something');
    progress.end();
    expect(written.join('')).toBe('\r\u001b[2K… 1/9: syn\r\u001b[2K! something\n');
  });
});
