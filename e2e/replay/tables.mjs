/**
 * Writes what replays found: `node e2e/replay/tables.mjs FOLDER ...`, each the `--out` of a replay. A page for each in
 * `tables/`, and the totals between the marks in README.md.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Results } from './results.mjs';
import { count, refusals } from './table.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const tables = join(here, 'tables');
const marks = ['<!-- totals -->', '<!-- end of totals -->'];
mkdirSync(tables, { recursive: true });

for (const folder of process.argv.slice(2)) {
  const results = new Results(join(folder, 'results.jsonl')).all();
  const forward = new Results(join(folder, 'forward.jsonl')).all();
  const name = basename(resolve(folder));
  if (results.length > 0) writeFileSync(join(tables, `${name}.md`), page(name, results));
  if (forward.length > 0)
    writeFileSync(join(tables, `${name}.forward.md`), page(`${name}, forward`, forward));
}
const readme = join(here, 'README.md');
const [before, rest] = readFileSync(readme, 'utf8').split(marks[0]);
const after = rest.split(marks[1])[1];
writeFileSync(readme, `${before}${marks[0]}\n${overview()}${marks[1]}${after}`);

function page(title, results) {
  const rows = results.map(({ commit, verdict, seconds, ...result }) =>
    row(commit.slice(0, 12), verdict, ms(seconds), functions(result), tests(result), remarks(result)),
  );
  return [
    `# ${title}`,
    '',
    row('commit', 'verdict', 'ms', 'functions', 'tests', 'remarks'),
    row('---', '---', '--:', '--:', '--:', '---'),
    ...rows,
    '',
  ].join('\n');
}

/** Read from the pages, so that a replay of one crate need not have the others' results at hand. */
function overview() {
  const pages = readdirSync(tables)
    .sort()
    .map((file) => ({ file, results: readPage(readFileSync(join(tables, file), 'utf8')) }));
  return ['one commit on its parent', 'forward in one process']
    .map((title, at) => ({
      title,
      chosen: pages.filter(({ file }) => file.endsWith('.forward.md') === (at === 1)),
    }))
    .filter(({ chosen }) => chosen.length > 0)
    .map(({ title, chosen }) => section(title, chosen))
    .join('\n');
}

function section(title, pages) {
  const columns = ['applied', 'refused', 'WRONG', 'CRASH', 'no code change', 'skipped'];
  const all = pages.flatMap(({ results }) => results);
  const counted = (name, results) => {
    const { counts, tried, applied } = count(results);
    const share = tried === 0 ? '' : `${((100 * applied) / tried).toFixed(1)} %`;
    return row(name, results.length, ...columns.map((verdict) => counts[verdict] ?? 0), share);
  };
  const groups = refusals(all).map(([code, commits]) => `${commits} \`${code}\``);
  return [
    `### ${title[0].toUpperCase()}${title.slice(1)}`,
    '',
    row('crate', 'commits', ...columns, 'applied of those that change code'),
    row('---', ...Array(columns.length + 2).fill('--:')),
    ...pages.map(({ file, results }) => counted(`[${crateOf(file)}](tables/${file})`, results)),
    counted('all', all),
    '',
    ...(groups.length > 0 ? [`Refused for (commits): ${groups.join(', ')}.`, ''] : []),
  ].join('\n');
}

function readPage(text) {
  return text
    .split('\n')
    .slice(4)
    .filter((line) => line.startsWith('|'))
    .map((line) => {
      const [, commit, verdict, , , , said] = line.split('|').map((cell) => cell.trim());
      const codes = [...said.matchAll(/`([a-z-]+)`/g)].map(([, code]) => ({ code }));
      return { commit, verdict, programs: [{ reasons: codes }] };
    });
}

function crateOf(file) {
  return file.replace(/(\.forward)?\.md$/, '');
}

function row(...cells) {
  return `| ${cells.join(' | ')} |`;
}

function ms(seconds = 0) {
  return Math.round(seconds * 1000);
}

function functions({ programs = [] }) {
  return programs.reduce((sum, each) => sum + (each.functions ?? 0), 0) || '';
}

function tests({ programs = [] }) {
  return programs.reduce((sum, each) => sum + (each.compared ?? 0), 0) || '';
}

/** What a reader must know to judge the verdict: reasons, manifests held back, and tests that were not compared. */
function remarks({ why, held, programs = [] }) {
  const said = programs.flatMap(({ reasons }) =>
    reasons.map(({ code, subject }) => `\`${code}\` ${subject}`),
  );
  const all = [
    [...new Set(said)].slice(0, 4).join('; ') || why?.split('\n')[0],
    held && `the parent's manifests: ${held}`,
    ...['flaky', 'unsteady', 'excluded'].map((kind) => leftOut(kind, programs)),
  ].filter((each) => each);
  // The texts may hold generic parameters and closures: they are no table and no markup.
  return all.join('; ').replace(/\|/g, '\\|').replace(/</g, '&lt;');
}

function leftOut(kind, programs) {
  const tests = programs.flatMap((program) => program[kind] ?? []);
  return tests.length > 0 && `${kind}: ${tests.slice(0, 4).join(', ')}`;
}
