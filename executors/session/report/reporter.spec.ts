import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { eventSchema, type SessionEvent } from '../events';
import { EventsFile } from './events-file';
import { Reporter } from './reporter';

const REASON = { code: 'layout', subject: 'State', message: 'It grew.', remedy: 'Restart.' };
const DIAGNOSTIC = {
  level: 'error',
  code: 'E0308',
  message: 'mismatched types',
  file: 'src/main.rs',
  line: 3,
  rendered: '\u001b[1merror\u001b[0m: mismatched types\n',
};

/** One of each kind, so that the list is complete by its type. */
const EXAMPLES: { readonly [E in SessionEvent as E['event']]: E } = {
  ready: { event: 'ready', pid: 4711, image: '/target/debug/app', buildId: '3a4f' },
  patched: {
    event: 'patched',
    patch: 1,
    pids: [4711, 4712],
    functions: [{ name: 'app::hello', symbol: '_ZN3app5hello17hE', change: 'changed' }],
    busy: [{ name: 'app::hello', symbol: '_ZN3app5hello17hE', pid: 4711, threads: ['main (4711)'] }],
    pauseUs: 87,
    bytes: 8192,
    ms: { rustc: 141, diff: 4, link: 2, load: 0.2, apply: 0.4, total: 163 },
    notes: ['the initializer of COUNTER changed; its live value is kept'],
  },
  undone: {
    event: 'undone',
    patches: [2, 1],
    pids: [4711],
    functions: [{ name: 'app::hello', symbol: '_ZN3app5hello17hE', change: 'restored' }],
    busy: [],
    ms: 3.5,
    pauseUs: 20,
  },
  unloaded: {
    event: 'unloaded',
    pid: 4711,
    patches: [{ patch: 1, bytes: 8192 }],
    kept: [{ patch: 2, bytes: 8192, by: 'the stack of thread main (4711)' }],
  },
  status: {
    event: 'status',
    pids: [4711],
    patches: [
      { patch: 1, state: 'replaced', functions: ['app::hello'], bytes: 8192, keptBy: 'a pointer' },
      { patch: 2, state: 'live', functions: [], bytes: 4096, keptBy: null },
    ],
    live: 1,
    bytes: 12_288,
    pending: false,
  },
  crashed: {
    event: 'crashed',
    pid: 4711,
    signal: 'SIGSEGV',
    thread: 'main',
    address: '0x0',
    where: 'in-patch',
    patch: 2,
    function: 'app::hello',
    frames: [
      {
        address: '0x55550000',
        function: 'app::hello',
        offset: 12,
        patch: 2,
        at: 'app/src/main.rs:9',
        certain: true,
      },
      { address: '0x7fff0000', function: null, offset: null, patch: null, at: null, certain: false },
    ],
    folder: '/target/hotpatch/crashes/20260102T030405Z-4711',
    reproduce: 'nx run app:hotpatch --reproduce=target/hotpatch/crashes/20260102T030405Z-4711',
  },
  unchanged: { event: 'unchanged', notes: [] },
  'compile-error': { event: 'compile-error', diagnostics: [DIAGNOSTIC] },
  refused: { event: 'refused', reasons: [REASON], action: 'restart' },
  restarted: { event: 'restarted', pid: 4713 },
  exited: { event: 'exited', pid: 4713, code: null, signal: 'SIGKILL' },
};

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(eventSchema);
let folder: string;
let written: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nx-hotpatch-spec-'));
  written = '';
});
afterEach(() => rmSync(folder, { recursive: true }));

function reporter(options: {
  readonly json?: boolean;
  readonly colour?: boolean;
  readonly file?: EventsFile;
  readonly verbose?: boolean;
}) {
  return new Reporter({
    subject: () => ({ name: 'app', crates: ['app'] }),
    json: false,
    colour: false,
    clear: false,
    verbose: false,
    ...options,
    write: (text) => {
      written += text;
    },
  });
}

test.each(Object.values(EXAMPLES))('$event is written as a line that the schema allows', (event) => {
  const path = join(folder, 'deep', 'events.jsonl');
  const file = new EventsFile(path);
  reporter({ file }).event(event);
  file.close();
  const text = readFileSync(path, 'utf8');
  expect(text.split('\n')).toHaveLength(2);
  const parsed: unknown = JSON.parse(text);
  expect(validate(parsed) || validate.errors).toBe(true);
  expect(parsed).toMatchObject({ event: event.event });
});

test.each(Object.values(EXAMPLES))('$event without one of its fields is not', (event) => {
  for (const field of Object.keys(event)) {
    const { [field as keyof SessionEvent]: _, ...rest } = event;
    expect(validate(rest)).toBe(false);
  }
});

test('sessions that share a file append to it', () => {
  const path = join(folder, 'events.jsonl');
  const [a, b] = [new EventsFile(path), new EventsFile(path)];
  a.write(EXAMPLES.ready);
  b.write(EXAMPLES.restarted);
  a.write(EXAMPLES.unchanged);
  const events = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(events.map((line) => (JSON.parse(line) as SessionEvent).event)).toEqual([
    'ready',
    'restarted',
    'unchanged',
  ]);
  a.close();
  b.close();
});

test('an events file that cannot be written is named, with what to do', () => {
  expect(() => new EventsFile(folder)).toThrow(/the events file .* choose another with --events/);
});

test('diagnostics are coloured on a terminal and plain elsewhere, events always plain', () => {
  reporter({ colour: true }).diagnostics({ fresh: [DIAGNOSTIC], asBefore: 0 });
  expect(written).toBe(DIAGNOSTIC.rendered);
  written = '';
  reporter({}).diagnostics({ fresh: [DIAGNOSTIC], asBefore: 0 });
  expect(written).toBe('error: mismatched types\n');
  written = '';
  reporter({ json: true, colour: true }).event(EXAMPLES['compile-error']);
  expect(JSON.parse(written)).toMatchObject({ diagnostics: [{ rendered: 'error: mismatched types\n' }] });
});

test('warnings that were there before are counted', () => {
  reporter({}).diagnostics({ fresh: [DIAGNOSTIC], asBefore: 2 });
  reporter({}).diagnostics({ fresh: [], asBefore: 1 });
  expect(written).toBe('error: mismatched types\n· 2 warnings as before\n· 1 warning as before\n');
});

test('details are said with --verbose alone', () => {
  reporter({}).detail('cargo is asked');
  expect(written).toBe('');
  reporter({ verbose: true }).detail('cargo is asked');
  expect(written).toBe('cargo is asked\n');
});

test('with --json standard error has events and nothing else', () => {
  const json = reporter({ json: true });
  json.diagnostics({ fresh: [DIAGNOSTIC], asBefore: 1 });
  json.progress('linking');
  json.event(EXAMPLES.restarted);
  expect(written).toBe('{"event":"restarted","pid":4713}\n');
});
