/**
 * Which words of the command line are for the program.
 *
 * Nx parses the whole command line into options, and hands over the words too (`$source: unparsed`), but with the
 * options of the executor among them. After a `--` Nx gives only the words behind it (it drops what stands before), so
 * both kinds must be told apart by name here: ours are left out, all others go to the program as they were typed.
 * Behind a second `--` every word is the program's, also one that has the name of an option of ours:
 *
 *     nx run app:hotpatch --release --port=80         program gets --port=80
 *     nx run app:hotpatch -- --release --port 80      program gets --port 80
 *     nx run app:hotpatch -- -- --release             program gets --release
 *
 * @param words   the command line after the target
 * @param options name of each option of the executor, in camel case, and whether it is a switch without a value
 */
export function programArguments(
  words: readonly string[],
  options: Readonly<Record<string, { readonly isSwitch: boolean }>>,
): readonly string[] {
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') return [...rest, ...words.slice(at + 1)];
    const option = ours(word, options);
    if (option === undefined) {
      rest.push(word);
    } else if (!option.isSwitch && !word.includes('=') && isValue(words[at + 1])) {
      at++;
    }
  }
  return rest;
}

/** The option of ours that a word names, as yargs-parser reads it: `--name`, `--name=value`, `--no-name`. */
function ours(
  word: string,
  options: Readonly<Record<string, { readonly isSwitch: boolean }>>,
): { readonly isSwitch: boolean } | undefined {
  const name = /^--([^=]+)/.exec(word)?.[1];
  if (name === undefined) return undefined;
  const plain = camelCase(name);
  const negated = /^no-(.+)/.exec(name)?.[1];
  if (Object.hasOwn(options, plain)) return options[plain];
  const opposite = negated === undefined ? '' : camelCase(negated);
  return Object.hasOwn(options, opposite) && options[opposite]?.isSwitch ? options[opposite] : undefined;
}

/** yargs-parser takes the next word as the value unless it looks like an option (a negative number does not). */
function isValue(word: string | undefined): boolean {
  return word !== undefined && (!word.startsWith('-') || /^-[0-9.]/.test(word));
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
