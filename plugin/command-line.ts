/** One task that somebody named on the command line of Nx. */
export interface NamedTask {
  readonly project: string;
  readonly target: string;
  readonly configuration?: string;
}

/** `project:target:configuration`. Our targets start with `hotpatch`, and no colon is in their names. */
const SPECIFIER = /^(.+):(hotpatch[\w-]*)(?::(.+))?$/;
const TARGET = /^hotpatch[\w-]*$/;
const CONFIGURATION = /^(?:-c|--configuration)(?:=(.*))?$/;

/**
 * The one task of ours that `nx run` or its short form names; undefined when there is none. `run-many` and `affected` name no
 * task: a configuration, or an option, is for those of their tasks that have it.
 *
 * @param argv `process.argv` of Nx
 */
export function namedTask(argv: readonly string[]): NamedTask | undefined {
  const end = argv.indexOf('--');
  const { names, configuration } = readWords(argv.slice(2, end < 0 ? undefined : end));
  const [command = '', ...rest] = names;
  if (TARGET.test(command)) return rest[0] === undefined ? undefined : task(rest[0], command, configuration);
  if (command !== 'run') return undefined;
  for (const word of rest) {
    const [, project, target, named] = SPECIFIER.exec(word) ?? [];
    if (project !== undefined && target !== undefined) return task(project, target, configuration ?? named);
  }
  return undefined;
}

/**
 * The profile that options of a session ask for, as Nx hands them on: those before a `--` only when there is none, and none
 * behind a second one.
 */
export function askedProfile(argv: readonly string[]): string | undefined {
  const [before = [], own] = atDashes(argv.slice(2));
  const words = own ?? before;
  let profile: string | undefined;
  for (const [at, word] of words.entries()) {
    if (/^--release(=true)?$/.test(word)) profile = 'release';
    const [, named] = /^--profile(?:=(.*))?$/.exec(word) ?? [];
    if (word === '--profile' || named !== undefined) profile = named ?? words[at + 1] ?? profile;
  }
  return profile;
}

function atDashes(words: readonly string[]): readonly (readonly string[])[] {
  const end = words.indexOf('--');
  return end < 0 ? [words] : [words.slice(0, end), ...atDashes(words.slice(end + 1))];
}

function task(project: string, target: string, configuration: string | undefined): NamedTask {
  return { project, target, ...(configuration === undefined ? {} : { configuration }) };
}

/** Words that are no options, and the option for the configuration, which goes before the one of a specifier. */
function readWords(words: readonly string[]): { names: readonly string[]; configuration?: string } {
  const names: string[] = [];
  let configuration: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const option = CONFIGURATION.exec(word);
    if (option !== null) configuration = option[1] ?? words[++at];
    else if (!word.startsWith('-')) names.push(word);
  }
  return { names, ...(configuration === undefined ? {} : { configuration }) };
}
