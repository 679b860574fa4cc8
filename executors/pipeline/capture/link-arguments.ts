import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const MATHS = '-lm';

/**
 * The linker's command line for an image that can be patched:
 * - the loader comes first, so that it stands before libc among the needed libraries, and is never dropped; it has no
 *   SONAME, so that the linker writes its absolute path into the image;
 * - so is the maths part of the C library, which `f64::powf` and its like call: rustc names it for every program and
 *   the linker drops it where nothing calls it yet, though an edit may begin to;
 * - a build id names the image;
 * - symbols stay, and functions with equal code stay apart: redirecting one must not redirect another.
 *
 * @param args without response files, see `expandResponseFiles`
 */
export function patchableLinkArguments(args: readonly string[], loader: string): readonly string[] {
  return [...needed(args, loader), ...patchable(args)];
}

/**
 * The linker's command line for a shared library that can be patched in the process of another program. The loader is
 * preloaded there, and the library announces itself: `native/library/announce.c`.
 */
export function patchableLibraryArguments(args: readonly string[], announcement: string): readonly string[] {
  return [announcement, ...needed(args), ...patchable(args)];
}

/** Libraries that are needed whether anything refers to them or not. */
function needed(args: readonly string[], ...libraries: readonly string[]): readonly string[] {
  const all = [...libraries, ...args.filter((arg) => arg === MATHS).slice(0, 1)];
  const wrap = wrapperFor(args);
  return all.length === 0 ? [] : [...wrap('--push-state', '--no-as-needed'), ...all, ...wrap('--pop-state')];
}

function patchable(args: readonly string[]): readonly string[] {
  return [...args.flatMap(withoutUnwanted), ...wrapperFor(args)('--build-id=sha1')];
}

/** rustc asks a C compiler to link by `-Wl,` options; a bare linker takes them as they are. */
function wrapperFor(args: readonly string[]) {
  return (...options: readonly string[]) => (throughCompiler(args) ? [`-Wl,${options.join(',')}`] : options);
}

function throughCompiler(args: readonly string[]): boolean {
  return args.some((arg) => arg.startsWith('-Wl,'));
}

function withoutUnwanted(arg: string): readonly string[] {
  if (!arg.startsWith('-Wl,')) return isUnwanted(arg) ? [] : [arg];
  const options = arg.slice('-Wl,'.length).split(',');
  const kept = options.filter((option) => !isUnwanted(option) && option !== '-S');
  if (kept.length === options.length) return [arg];
  return kept.length === 0 ? [] : [`-Wl,${kept.join(',')}`];
}

function isUnwanted(option: string): boolean {
  return /^(-s|--strip-all|--strip-debug|--icf=.*|--build-id.*)$/.test(option);
}

export function isShared(args: readonly string[]): boolean {
  return args.includes('-shared');
}

export function isStatic(args: readonly string[]): boolean {
  return args.includes('-static') || args.includes('-static-pie');
}

/** The output of the link, absolute. */
export function outputOf(args: readonly string[], cwd: string): string {
  const at = args.lastIndexOf('-o');
  return path.resolve(cwd, (at < 0 ? undefined : args[at + 1]) ?? 'a.out');
}

/** Archives and rlibs, absolute, in link order, with those that `-l` names while `-Bstatic` holds. */
export function archivesOf(args: readonly string[], cwd: string): readonly string[] {
  const searched: string[] = [];
  const archives: string[] = [];
  let onlyStatic = false;
  for (const [index, arg] of args.entries()) {
    if (/-Bstatic$/.test(arg)) onlyStatic = true;
    else if (/-Bdynamic$/.test(arg)) onlyStatic = false;
    else if (arg.startsWith('-L')) searched.push(path.resolve(cwd, arg.slice(2) || (args[index + 1] ?? '')));
    else if (arg.startsWith('-l') && onlyStatic) {
      const name = `lib${arg.slice(2)}.a`;
      const found = searched.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
      if (found) archives.push(found);
    } else if (/\.(rlib|a)$/.test(arg) && !arg.startsWith('-')) archives.push(path.resolve(cwd, arg));
  }
  return archives;
}

/** rustc and gcc put a long command line into a file and pass `@file`. */
export function expandResponseFiles(args: readonly string[], cwd: string): readonly string[] {
  return args.flatMap((arg) => {
    const file = path.resolve(cwd, arg.slice(1));
    return arg.startsWith('@') && existsSync(file) ? parseResponseFile(readFileSync(file, 'utf8')) : [arg];
  });
}

/** Arguments are separated by white space; quotes keep it; a backslash keeps the next character (GCC manual, `@file`). */
export function parseResponseFile(text: string): readonly string[] {
  const args: string[] = [];
  let current: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') current = (current ?? '') + text.charAt(++at);
    else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else current = (current ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      current ??= '';
    } else if (/\s/.test(char)) {
      if (current !== undefined) args.push(current);
      current = undefined;
    } else current = (current ?? '') + char;
  }
  return current === undefined ? args : [...args, current];
}

export function formatResponseFile(args: readonly string[]): string {
  return args.map((arg) => `${arg.replace(/[\\\s"']/g, '\\$&') || '""'}\n`).join('');
}
