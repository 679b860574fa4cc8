import { execFile } from 'node:child_process';
import { release } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nobody waits longer for what would merely be good to know. */
const PATIENCE_MS = 5_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What the sources have against their last commit, with its name on top; empty without git or outside of a repository. */
export async function sourcesDiff(folder: string): Promise<string> {
  const head = await output('git', ['rev-parse', 'HEAD'], folder);
  if (head === '') return '';
  const diff = await output(
    'git',
    ['diff', '--no-ext-diff', '--no-color', '--binary', 'HEAD', '--', '.'],
    folder,
  );
  return `# git diff against ${head.trim()}\n${diff}`;
}

/** Versions that decide what is compiled and how it runs. */
export async function versionsOf(
  own: string,
  rustc: string,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  return {
    'nx-hotpatch': own,
    node: process.version,
    kernel: release(),
    rustc: (await output(rustc, ['--version'], folder)).trim(),
  };
}

/** Standard output; empty when the tool is missing, fails or takes too long. */
async function output(tool: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const options = {
      cwd,
      timeout: PATIENCE_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    };
    return (await run(tool, [...args], options)).stdout;
  } catch {
    return '';
  }
}
