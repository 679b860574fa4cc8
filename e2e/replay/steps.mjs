/** Commit by commit: each parent's programs are started anew and get one patch. */
import { existsSync } from 'node:fs';
import { compare } from './compare.mjs';
import { LiveProgram } from './live-program.mjs';
import { absolute, mayMatter, onlyCargoFollows } from './relevance.mjs';
import { runFresh } from './test-run.mjs';
import { gravest, summary, verdictOf } from './verdict.mjs';

export class Steps {
  #place;
  #builds;
  /** The same, unless asked otherwise: then not a file of a fresh build was ever near a patch. */
  #fresh;
  /** The build of the newest commit that was built. */
  #base;

  constructor(place) {
    this.#place = place;
    this.#builds = place.builds('target');
    this.#fresh = place.independent ? place.builds('target-fresh') : this.#builds;
  }

  async play({ commit, parent }) {
    const { history, checkout } = this.#place;
    const changed = await history.changed(parent, commit);
    if (!mayMatter(changed, checkout, this.#base)) return { verdict: 'no code change' };
    await this.#standOn(parent);
    if (this.#base.programs === undefined) return { verdict: 'skipped', why: 'the parent does not build' };
    const followed = onlyCargoFollows(changed, checkout, this.#base);
    const why = followed.length > 0 ? `${followed.join(', ')} changed` : undefined;
    const sources = changed.filter((path) => !followed.includes(path));
    if (why && !mayMatter(sources, checkout, this.#base)) return { verdict: 'skipped', why };
    await history.switchTo(commit);
    // A session refuses what only cargo follows. The rest of the commit is a change like any other.
    await history.hold(followed, parent);
    const played = [];
    try {
      for (const program of this.#base.programs) {
        const result = await this.#patch(program, absolute(checkout, sources));
        if (result) played.push(result);
      }
      return await this.#compareAll(commit, played, why);
    } finally {
      for (const { live } of played) await live.close();
    }
  }

  /** After a failure nothing is known of what was built. */
  async forget() {
    this.#base = undefined;
  }

  async #standOn(parent) {
    if (this.#base?.commit === parent) return;
    await this.#place.history.switchTo(parent);
    this.#base = await this.#builds.build(parent);
    await this.#builds.prune([this.#base]);
  }

  /** Patches one program to what is checked out, and runs its tests. Undefined when the commit removed the program. */
  async #patch(program, files) {
    if (!existsSync(rootOf(program))) return undefined;
    const live = await LiveProgram.start(program, this.#place.how);
    try {
      const outcome = await live.patch(files);
      const result = { name: program.name, live, outcome, verdict: verdictOf(outcome) };
      // "Nothing to do" is a claim as well: where rustc made a unit anew, the tests are asked.
      const asked = /^(applied|no code change)$/.test(result.verdict) && outcome.changedUnits.length > 0;
      return asked ? { ...result, patched: await live.finish() } : result;
    } catch (error) {
      await live.close();
      throw error;
    }
  }

  /** @param held why manifests are still the parent's */
  async #compareAll(commit, played, held) {
    const { how, keeper } = this.#place;
    const fresh = await this.#fresh.build(commit);
    // With the parent's manifests it is no commit's build, and nobody's base.
    const isBase = held === undefined && this.#fresh === this.#builds;
    this.#base = isBase ? fresh : { ...fresh, commit: undefined };
    if (fresh.programs === undefined) {
      await this.#fresh.prune([fresh]);
      return { verdict: 'skipped', why: held ?? 'it does not build' };
    }
    const settled = [];
    for (const result of played) {
      const program = fresh.programs.find(({ name }) => name === result.name);
      const found = await compare(result, {
        again: () => result.live.again(),
        fresh: program && (() => runFresh(program, how)),
      });
      if (found.verdict === 'WRONG' || found.verdict === 'CRASH') await keeper.keep(commit, found);
      settled.push(summary(found));
    }
    await this.#fresh.prune([fresh]);
    return { verdict: gravest(settled.map(({ verdict }) => verdict)), held, programs: settled };
  }
}

export function rootOf({ record }) {
  return record.crates.find(({ id }) => id === record.image.crate).root;
}
