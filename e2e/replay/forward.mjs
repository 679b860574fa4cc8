/**
 * Through the whole range in one process: each program is started once, at the first commit's parent, and patched
 * commit after commit; after each patch its tests run once more.
 *
 * What is refused is a restart, as in a session: the next commit patches the build of that one. Tests that do not bear a second run in one process are found by running them twice in an unpatched one, and
 * left out; what statics hold by then is a matter of the test, not of the patch.
 */
import { existsSync } from 'node:fs';
import { compare, unlike } from './compare.mjs';
import { LiveProgram } from './live-program.mjs';
import { absolute, mayMatter, onlyCargoFollows } from './relevance.mjs';
import { rootOf } from './steps.mjs';
import { buildRounds, runFresh, runTwice } from './test-run.mjs';
import { gravest, summary, verdictOf } from './verdict.mjs';

export class Forward {
  #place;
  /** Live programs compile on hard links into one target folder; fresh builds have another. */
  #base;
  #fresh;
  #preload;
  /** The build that the live programs were started from. */
  #build;
  #live = [];
  /** What only cargo can follow stays as that build had it, as long as the sources build with it. */
  #held = new Set();

  constructor(place) {
    this.#place = place;
    this.#base = place.builds('target-forward');
    this.#fresh = place.builds('target-fresh');
    this.#preload = buildRounds(place.out);
  }

  async play({ commit, parent }) {
    const { history, checkout } = this.#place;
    const changed = await history.changed(parent, commit);
    if (!mayMatter(changed, checkout, this.#build)) return { verdict: 'no code change' };
    let started = false;
    if (this.#live.length === 0) {
      await this.#start(parent);
      started = true;
    }
    if (this.#live.length === 0) return { verdict: 'skipped', why: 'the parent does not build' };
    const followed = onlyCargoFollows(changed, checkout, this.#build);
    const why = followed.length > 0 ? `${followed.join(', ')} changed` : undefined;
    for (const path of followed) this.#held.add(path);
    const sources = changed.filter((path) => !this.#held.has(path));
    if (why && !mayMatter(sources, checkout, this.#build)) return { verdict: 'skipped', started, why };
    await history.switchTo(commit);
    await history.hold(this.#held, this.#build.commit);
    const fresh = await this.#fresh.build(commit);
    await this.#fresh.prune([fresh]);
    const found = [];
    for (const live of this.#live)
      found.push(await this.#patch(live, absolute(checkout, sources), fresh, commit));
    // What does not compile stays pending, and comes with the next commit.
    if (fresh.programs === undefined) {
      if (this.#held.size > 0 && (await this.#buildsAsItIs(commit))) await this.forget();
      return { verdict: 'skipped', started, why: why ?? 'it does not build' };
    }
    const verdict = gravest(found.map((each) => each.verdict));
    if (verdict !== 'applied' && verdict !== 'no code change') await this.forget();
    return { verdict, started, held: why, programs: found };
  }

  /** Whether it is the manifests held back that keep the commit from building. */
  async #buildsAsItIs(commit) {
    await this.#place.history.switchTo(commit);
    return (await this.#fresh.build(commit)).programs !== undefined;
  }

  /** Ends the live programs: the next commit starts new ones. */
  async forget() {
    for (const live of this.#live.splice(0)) await live.close();
    this.#build = undefined;
    this.#held.clear();
  }

  async #start(commit) {
    await this.#place.history.switchTo(commit);
    this.#build = await this.#base.build(commit);
    await this.#base.prune([this.#build]);
    const how = { ...this.#place.how, preload: this.#preload };
    for (const program of this.#build.programs ?? []) this.#live.push(await LiveProgram.start(program, how));
  }

  async #patch(live, files, fresh, commit) {
    const { how, keeper } = this.#place;
    if (!existsSync(rootOf(live))) return { name: live.name, verdict: 'no code change', reasons: [] };
    const outcome = await live.patch(files);
    const result = { name: live.name, live, outcome, verdict: verdictOf(outcome) };
    const program = fresh.programs?.find(({ name }) => name === live.name);
    if (program === undefined) return summary(await compare(result, {}));
    const asked = /^(applied|no code change)$/.test(result.verdict) && outcome.changedUnits.length > 0;
    if (asked) result.patched = await live.run.round();
    const found = await compare(result, {
      again: () => live.run.round(),
      fresh: () => runFresh(program, how),
    });
    const judged = found.wrong?.length > 0 ? await this.#withoutUnrepeatable(found, program) : found;
    if (judged.verdict === 'WRONG' || judged.verdict === 'CRASH')
      await keeper.keep(commit, judged, this.#build.commit);
    live.rest();
    return { ...summary(judged), rounds: live.run.rounds };
  }

  /** Leaves out what a fresh, unpatched program gives otherwise the second time. */
  async #withoutUnrepeatable(found, program) {
    const [first, second] = await runTwice(program, { ...this.#place.how, preload: this.#preload });
    const unrepeatable = new Set(unlike(first, second));
    const wrong = found.wrong.filter(({ test }) => !unrepeatable.has(test));
    const excluded = [...unrepeatable].join(', ') || undefined;
    const verdict = wrong.length > 0 ? 'WRONG' : verdictOf(found.outcome);
    return { ...found, wrong, verdict, excluded };
  }
}
