/** What a test program says of its tests: libtest's JSON, one event a line, among whatever the tests print. */

/** Arguments that make libtest say it. Needs RUSTC_BOOTSTRAP=1: the format is not stable. */
export const libtestArguments = [
  '-Z',
  'unstable-options',
  '--format',
  'json',
  '--show-output',
  '--test-threads=2',
];

const EVENT = /\{ ?"type": ?"(?:test|suite)".*\}\s*$/;

/**
 * Reads the events of one run. `finished` tells whether the suite came to its end; `running` are the tests that had
 * begun and not ended. A program without libtest has no events, and `suite` is false.
 */
export function readTestEvents(text) {
  const tests = new Map();
  const running = new Set();
  let finished = false;
  let suite = false;
  for (const line of text.split('\n')) {
    const event = parse(EVENT.exec(line)?.[0]);
    if (event?.type === 'suite') {
      suite = true;
      finished = event.event !== 'started';
    } else if (event?.event === 'started') running.add(event.name);
    else if (event?.name !== undefined && event.event !== 'timeout') {
      running.delete(event.name);
      tests.set(event.name, { outcome: event.event, output: steady(event.stdout ?? '') });
    }
  }
  return { tests, running: [...running], finished, suite };
}

function parse(text) {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Without what differs from run to run: thread ids, addresses, durations, and the hint that the standard library gives
 * with the first panic of a process, whichever test comes to it first.
 */
function steady(output) {
  return output
    .replace(/^note: run with `RUST_BACKTRACE=1`.*\n/gm, '')
    .replace(/^(thread '.*') \(\d+\) panicked/gm, '$1 panicked')
    .replace(/0x[0-9a-f]{4,}/g, '0x…')
    .replace(/\b\d+(\.\d+)?(ns|µs|us|ms|s)\b/g, '…$2');
}
