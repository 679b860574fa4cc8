/**
 * The replay replayed: a small history that is generated here must come out as it was made to. Run by `npm test`;
 * the last line is `N passed, N failed`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare } from './compare.mjs';
import { page, readPage } from './page.mjs';

const replay = fileURLToPath(new URL('replay.mjs', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'nxhp-r'));
const repo = join(scratch, 'ledger');

const manifest =
  '[package]\nname = "ledger"\nversion = "0.1.0"\nedition = "2021"\n[[test]]\nname = "own"\nharness = false\n';
const lib = ({ rate = 2, fields = 'cents: u64', opened = 'U64', more = '' } = {}) => `
use std::sync::atomic::{Atomic${opened}, Ordering};
pub static OPENED: Atomic${opened} = Atomic${opened}::new(0);
pub struct Account { ${fields} }
pub fn interest(cents: u64) -> u64 { cents * ${rate} }
pub fn open() -> Account { OPENED.fetch_add(1, Ordering::Relaxed); Account { ${fields.replace(/u64/g, '7')} } }
pub fn worth(account: &Account) -> u64 { interest(account.cents) }
${more}
#[test] fn is_worth_more() { assert_eq!(worth(&open()), 7 * ${rate}); }
#[test] #[should_panic] fn overdrawn() { panic!("nothing left"); }
`;
const outside = '#[test] fn earns() { assert_eq!(ledger::interest(10) % 10, 0); }\n';
/** With its own harness, which takes no arguments. */
const own =
  'fn main() { assert_eq!(std::env::args().count(), 1); assert_eq!(ledger::interest(10) % 10, 0); }\n';

/** Each commit: what is written, and the verdict that it must get. */
const history = [
  {
    subject: 'first',
    files: { 'Cargo.toml': manifest, 'src/lib.rs': lib(), 'tests/outside.rs': outside, 'tests/own.rs': own },
  },
  { subject: 'other interest', files: { 'src/lib.rs': lib({ rate: 3 }) }, verdict: 'applied' },
  {
    subject: 'a comment',
    files: { 'src/lib.rs': lib({ rate: 3, more: '// kept\n// for ever' }) },
    verdict: 'applied',
  },
  { subject: 'a page', files: { 'README.md': 'Ledger\n' }, verdict: 'no code change' },
  {
    subject: 'a field',
    files: { 'src/lib.rs': lib({ rate: 3, fields: 'cents: u64, owner: u64' }) },
    verdict: 'applied',
  },
  {
    subject: 'a static',
    files: { 'src/lib.rs': lib({ rate: 3, fields: 'cents: u64, owner: u64', opened: 'U32' }) },
    verdict: 'refused',
  },
  { subject: 'a version', files: { 'Cargo.toml': manifest.replace('0.1.0', '0.2.0') }, verdict: 'skipped' },
  { subject: 'an error', files: { 'src/lib.rs': 'pub fn interest(' }, verdict: 'skipped' },
  {
    subject: 'corrected',
    files: { 'src/lib.rs': lib({ rate: 5, fields: 'cents: u64, owner: u64', opened: 'U32' }) },
    verdict: 'skipped',
  },
  {
    subject: 'a version and a rate',
    files: {
      'Cargo.toml': manifest.replace('0.1.0', '0.3.0'),
      'src/lib.rs': lib({ rate: 6, fields: 'cents: u64, owner: u64', opened: 'U32' }),
    },
    verdict: 'applied',
  },
];

let passed = 0;
const failed = [];

function check(what, found, wanted) {
  if (JSON.stringify(found) === JSON.stringify(wanted)) {
    passed += 1;
    console.log(`✓ ${what}`);
  } else {
    failed.push(what);
    console.log(`✗ ${what}\n    found:  ${JSON.stringify(found)}\n    wanted: ${JSON.stringify(wanted)}`);
  }
}

function git(...args) {
  const identity = ['-c', 'user.name=replay', '-c', 'user.email=replay@localhost'];
  return execFileSync('git', ['-C', repo, ...identity, ...args], { encoding: 'utf8' }).trim();
}

function run(out, ...more) {
  const args = [replay, '--repo', repo, '--range', 'HEAD', '--out', join(scratch, out), ...more];
  const { CARGO_TARGET_DIR, ...env } = process.env;
  return execFileSync(process.execPath, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function verdicts(out, file = 'results.jsonl') {
  const lines = readFileSync(join(scratch, out, file), 'utf8')
    .trim()
    .split('\n');
  return Object.fromEntries(
    lines.map((line) => JSON.parse(line)).map((result) => [result.subject, result.verdict]),
  );
}

mkdirSync(repo);
git('init', '--quiet');
for (const { subject, files } of history) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, path)), { recursive: true });
    writeFileSync(join(repo, path), text);
  }
  git('add', '.');
  git('commit', '--quiet', '-m', subject);
}

const wanted = Object.fromEntries(history.slice(1).map(({ subject, verdict }) => [subject, verdict]));
run('whole', '--limit', '3');
const interrupted = Object.keys(verdicts('whole')).length;
run('whole');
check('an interrupted replay knows what it did', interrupted, 3);
check('every commit gets the verdict that it was made for', verdicts('whole'), wanted);
const lines = readFileSync(join(scratch, 'whole/results.jsonl'), 'utf8').trim().split('\n');
check('a resumed replay plays no commit twice', lines.length, history.length - 1);

run('independent', '--limit', '2', '--independent');
const first = Object.fromEntries(Object.entries(wanted).slice(0, 2));
check('builds that no patch was near tell the same', verdicts('independent'), first);
run('forward', '--forward');
const inOne = verdicts('forward', 'forward.jsonl');
check('so does every one in one process', inOne, {
  ...wanted,
  // The threads of earlier rounds sleep on, and what is left over on their stacks can look like an old value.
  'a field': inOne['a field'] === 'refused' ? 'refused' : 'applied',
  // What did not compile stays pending in the process that runs on.
  corrected: 'applied',
});

run('dropped', '--limit', '1', '--spoil', 'drop-redirect');
check('a patch that leaves one function as it was is WRONG', verdicts('dropped'), {
  'other interest': 'WRONG',
});
run('crashed', '--limit', '1', '--spoil', 'crash', '--seconds', '60', '--independent');
check('a patch with an illegal instruction is a CRASH', verdicts('crashed'), { 'other interest': 'CRASH' });
const kept = join(scratch, 'crashed/kept');
const seen = readdirSync(kept, { recursive: true }).find((path) => path.endsWith('seen.json'));
const { again } = JSON.parse(readFileSync(join(kept, seen), 'utf8'));
const [second] = git('rev-list', '--reverse', 'HEAD').split('\n').slice(1);
const range = `--range ${second}^..${second}`;
check(
  'what went wrong is kept with the command that plays it the same way again',
  [range, '--seconds 60', '--independent', '--again'].filter((option) => !again.includes(option)),
  [],
);

const said = (output) => ({
  suite: true,
  finished: true,
  tests: new Map([['draws', { outcome: 'ok', output }]]),
});
/** What a patched program that says `ours` comes to, beside a fresh build that says these, the last one again and again. */
async function judged(ours, theirs) {
  const fresh = async () => said(theirs.length > 1 ? theirs.shift() : theirs[0]);
  const result = { verdict: 'applied', patched: said(ours) };
  const { verdict, flaky } = await compare(result, { again: async () => said(ours), fresh });
  return [verdict, flaky];
}
check(
  'a test that draws numbers is not WRONG where a fresh build says the same twice by chance',
  [await judged('3', ['7', '7', '5']), await judged('3', ['7'])],
  [
    ['applied', ['draws']],
    ['WRONG', []],
  ],
);

const found = (commit, verdict, code) => ({
  commit,
  verdict,
  programs: [{ reasons: code ? [{ code }] : [] }],
});
const earlier = page('ledger', [found('one', 'refused', 'type-layout'), found('two', 'skipped')]);
const rows = readPage(page('ledger', [found('three', 'applied'), found('one', 'applied')], earlier));
check('commits that are played again replace their rows of a page, others extend it', rows, [
  found('one', 'applied'),
  found('two', 'skipped'),
  found('three', 'applied'),
]);

if (failed.length === 0) rmSync(scratch, { recursive: true, force: true });
else console.log(`kept: ${scratch}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
