/** Keeps what a wrong patch was made from, so that it can be looked at when the replay has gone on. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

export class Keeper {
  #out;
  #options;

  /** @param options those of the replay: by them a commit is played again */
  constructor(out, options) {
    this.#out = out;
    this.#options = options;
  }

  /**
   * A folder for one program: the base image, its units as of the base and those that were compiled, the patch images,
   * what was seen, and the command that plays it again.
   *
   * @param {string} from the commit whose build the program was started from
   */
  async keep(commit, result, from = `${commit}^`) {
    const folder = join(this.#out, 'kept', commit.slice(0, 12), result.name.replaceAll(/\W+/g, '-'));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { live, outcome, verdict, crash, wrong } = result;
    await cp(live.record.image.file, join(folder, basename(live.record.image.path)));
    for (const image of live.images) await writeFile(join(folder, `patch-${image.patch}.so`), image.bytes);
    for (const units of outcome.changedUnits) await this.#keepUnits(folder, live.record, units);
    const again = this.#again(commit, from);
    const { reasons, plan, notes, diagnostics } = outcome;
    const { functions, ...rest } = plan ?? {};
    const seen = { verdict, again, crash, wrong, reasons, notes, diagnostics, functions, plan: rest };
    await writeFile(
      join(folder, 'seen.json'),
      `${JSON.stringify({ ...seen, errors: live.run?.errors }, null, 2)}\n`,
    );
    console.log(
      `  ${verdict} in ${result.name}: ${crash ?? wrong?.map(({ test }) => test).join(', ') ?? diagnostics?.[0]?.message}`,
    );
    console.log(`  kept: ${folder}\n  again: ${again}`);
  }

  async #keepUnits(folder, { crates }, { crate, folder: compiled, changed }) {
    const { units } = crates.find(({ id }) => id === crate);
    await cp(compiled, join(folder, 'compiled', crate), { recursive: true });
    for (const unit of changed)
      await cp(join(units, `${unit}.o`), join(folder, 'base', crate, `${unit}.o`)).catch(() => {});
  }

  #again(commit, from) {
    const { repo, package: name, features, seconds } = this.#options;
    const given = { repo: resolve(repo), range: `${from}..${commit}`, package: name, features, seconds };
    const options = Object.entries({ ...given, out: this.#out }).filter(([, value]) => value !== undefined);
    const flags = ['all-features', 'forward', 'independent'].filter((flag) => this.#options[flag]);
    return [
      'npm run replay --',
      ...options.map(([option, value]) => `--${option} ${value}`),
      ...[...flags, 'again'].map((flag) => `--${flag}`),
    ].join(' ');
  }
}
