import type { SessionEntry } from './registry';

export interface Wanted {
  /** Folder of the package's manifest, and the name of its binary or example. */
  readonly packageFolder: string;
  readonly program: string;
  /** Preferred where sessions of several profiles run. */
  readonly profile: string;
  /** Of the session or of its program. */
  readonly pid: number | undefined;
}

/**
 * The session that is meant.
 *
 * @throws Error with one sentence, which lists those that run when it does not find one or finds several
 */
export function chooseSession(running: readonly SessionEntry[], wanted: Wanted): SessionEntry {
  const { program, packageFolder, profile, pid } = wanted;
  const fitting = running.filter((each) => each.packageFolder === packageFolder && each.program === program);
  if (fitting.length === 0) {
    throw new Error(`no session of ${program} runs: start it with its target hotpatch.`);
  }
  if (pid !== undefined) {
    const named = fitting.find((each) => each.programPid === pid || each.pid === pid);
    if (named !== undefined) return named;
    throw new Error(`no session of ${program} has the pid ${pid}: --tellPid can be ${listed(fitting)}.`);
  }
  const sameProfile = fitting.filter((each) => each.profile === profile);
  const [session, ...others] = sameProfile.length > 0 ? sameProfile : fitting;
  if (session !== undefined && others.length === 0) return session;
  throw new Error(`${program} runs in several sessions: say which with --tellPid, ${listed(fitting)}.`);
}

/** The program's pid is the one that its terminal shows. */
function listed(sessions: readonly SessionEntry[]): string {
  return [...sessions]
    .sort((a, b) => a.since.localeCompare(b.since))
    .map(({ programPid, profile, since, args }) => {
      // A local time that sorts: people look for the session that they started last.
      const time = new Date(since).toLocaleString('sv-SE');
      return `${programPid} (${profile}, since ${time}, ${args.length === 0 ? 'no arguments' : args.join(' ')})`;
    })
    .join(' or ');
}
