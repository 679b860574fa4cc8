/** A page of `tables/`: a row for each commit. */

/**
 * The page with these results. What `before`, an earlier page, says of other commits stays; a commit that was not in it
 * comes last.
 */
export function page(title, results, before = '') {
  const rows = new Map(rowsOf(before).map((line) => [cells(line)[0], line]));
  for (const { commit, verdict, seconds, ...result } of results) {
    const name = commit.slice(0, 12);
    rows.set(name, row(name, verdict, ms(seconds), functions(result), tests(result), remarks(result)));
  }
  return [
    `# ${title}`,
    '',
    row('commit', 'verdict', 'ms', 'functions', 'tests', 'remarks'),
    row('---', '---', '--:', '--:', '--:', '---'),
    ...rows.values(),
    '',
  ].join('\n');
}

/** What a page says of its commits, as far as it is counted. */
export function readPage(text) {
  return rowsOf(text).map((line) => {
    const [commit, verdict, , , , said] = cells(line);
    const codes = [...said.matchAll(/`([a-z-]+)`/g)].map(([, code]) => ({ code }));
    return { commit, verdict, programs: [{ reasons: codes }] };
  });
}

export function row(...cells) {
  return `| ${cells.join(' | ')} |`;
}

function rowsOf(text) {
  return text
    .split('\n')
    .slice(4)
    .filter((line) => line.startsWith('|'));
}

function cells(line) {
  const [, ...found] = line.split('|').map((cell) => cell.trim());
  return found;
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
