/**
 * Writes what replays found: `node e2e/replay/tables.mjs FOLDER ...`, each the `--out` of a replay. A page for each in
 * `tables/`, and the totals between the marks in README.md. A page that is there keeps its rows of other commits.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page, readPage, row } from './page.mjs';
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
  if (results.length > 0) write(`${name}.md`, name, results);
  if (forward.length > 0) write(`${name}.forward.md`, `${name}, forward`, forward);
}
const readme = join(here, 'README.md');
const [before, rest] = readFileSync(readme, 'utf8').split(marks[0]);
const after = rest.split(marks[1])[1];
writeFileSync(readme, `${before}${marks[0]}\n${overview()}${marks[1]}${after}`);

function write(name, title, results) {
  const file = join(tables, name);
  writeFileSync(file, page(title, results, existsSync(file) ? readFileSync(file, 'utf8') : ''));
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

function crateOf(file) {
  return file.replace(/(\.forward)?\.md$/, '');
}
