/** The history that is replayed, and a checkout of it that is ours. The given repository is only read. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class History {
  #repo;
  #folder;

  constructor(repo, folder) {
    this.#repo = repo;
    this.#folder = folder;
  }

  /** A checkout of `repo` in `folder`, which shares its objects. */
  static async checkout(repo, folder) {
    if (!existsSync(join(folder, '.git')))
      await run('git', ['clone', '--quiet', '--shared', '--no-checkout', resolve(repo), folder]);
    return new History(resolve(repo), folder);
  }

  /** Commits of the range on the line of first parents, oldest first: `{commit, parent, subject}`. */
  async commits(range, limit = Number.POSITIVE_INFINITY) {
    const text = await git(this.#repo, 'log', '--first-parent', '--reverse', '--format=%H %P%x09%s', range);
    const all = text.split('\n').flatMap((line) => {
      const [hashes, subject] = line.split('\t');
      const [commit, parent] = (hashes ?? '').split(' ');
      return parent ? [{ commit, parent, subject }] : [];
    });
    return all.slice(0, limit);
  }

  /** Paths, relative to the repository, that differ between two commits; a renamed file is one gone and one new. */
  async changed(from, to) {
    const text = await git(this.#repo, 'diff', '--name-only', '--no-renames', '-z', from, to);
    return text.split('\0').filter((path) => path !== '');
  }

  /** Puts these files there as another commit has them, and removes those that it has not. */
  async hold(paths, commit) {
    for (const path of paths) {
      const has = await git(this.#folder, 'cat-file', '-e', `${commit}:${path}`).then(
        () => true,
        () => false,
      );
      if (has) await git(this.#folder, 'checkout', '--quiet', commit, '--', path);
      else await rm(join(this.#folder, path), { force: true });
    }
  }

  /** Puts the commit's files there. What builds leave untracked stays, a lock file too: dependencies do not drift. */
  async switchTo(commit) {
    await git(this.#folder, 'checkout', '--quiet', '--force', '--detach', commit);
    await git(this.#folder, 'submodule', 'update', '--init', '--quiet').catch(() => {});
  }
}

async function git(folder, ...args) {
  const { stdout } = await run('git', ['-C', folder, ...args], { maxBuffer: 1 << 28 });
  return stdout;
}
