/** One task that somebody named on the command line of Nx. */
export interface NamedTask {
  readonly project: string;
  readonly target: string;
  readonly configuration: string;
}

/** `project:target:configuration`. Our targets start with `hotpatch`, and no colon is in their names. */
const SPECIFIER = /^(.+):(hotpatch[\w-]*)(?::(.+))?$/;
const TARGET = /^hotpatch[\w-]*$/;
const CONFIGURATION = /^(?:-c|--configuration)(?:=(.*))?$/;

/**
 * The one task of ours that `nx run` or its short form names with a configuration; undefined when there is none. `run-many`
 * and `affected` name no task: a configuration is for those of their tasks that have it.
 *
 * @param argv `process.argv` of Nx
 */
export function namedTask(argv: readonly string[]): NamedTask | undefined {
  const end = argv.indexOf('--');
  const { names, configuration } = readWords(argv.slice(2, end < 0 ? undefined : end));
  const [command = '', ...rest] = names;
  if (TARGET.test(command)) {
    const [project] = rest;
    if (project === undefined || configuration === undefined) return undefined;
    return { project, target: command, configuration };
  }
  if (command !== 'run') return undefined;
  for (const word of rest) {
    const [, project, target, named] = SPECIFIER.exec(word) ?? [];
    const wanted = configuration ?? named;
    if (project !== undefined && target !== undefined && wanted !== undefined)
      return { project, target, configuration: wanted };
  }
  return undefined;
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
