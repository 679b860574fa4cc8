import { dirname } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readWorkspace } from '../pipeline/capture/cargo-metadata';
import { chooseExecutable } from '../pipeline/capture/executable';
import { reachesTerminal, wantsColour } from '../pipeline/terminal';
import { parseCommand } from '../session/commands';
import { chooseSession } from '../session/control/choose';
import { tell } from '../session/control/client';
import { runningSessions, type SessionEntry } from '../session/control/registry';
import { lines } from '../session/report/lines';
import { paintFor } from '../session/report/paint';
import { captureRequest } from './capture-request';
import type { HotpatchResult } from './executor';
import { type HotpatchExecutorSchema, normalizeOptions } from './options';

/**
 * Tells a running session something and prints its answer.
 *
 * @throws Error with one sentence when the words are no command, or it is not clear whom they are for
 */
export async function tellSession(
  given: HotpatchExecutorSchema,
  context: ExecutorContext,
  projectRoot: string,
): Promise<HotpatchResult> {
  const words = given.tell ?? '';
  if (parseCommand(words) === undefined) {
    throw new Error(`--tell=${words} is no command: say undo, undo:3 (a patch's number), status or restart.`);
  }
  const session = await findSession(given, context, projectRoot);
  const { event, subject } = await tell(session.socket, { tell: words });
  if (event === null) throw new Error(`${session.program} ended before it answered: start it again.`);
  const paint = paintFor(wantsColour(reachesTerminal()));
  const answer = given.json ? [JSON.stringify(event)] : lines(event, subject, paint, given.verbose);
  // A script reads the answer, so it goes where answers go; there is no program here whose output it could disturb.
  for (const line of answer) process.stdout.write(`${line}\n`);
  return { success: event.event !== 'refused' };
}

async function findSession(
  given: HotpatchExecutorSchema,
  context: ExecutorContext,
  projectRoot: string,
): Promise<SessionEntry> {
  const options = normalizeOptions({ ...sessionOptions(context), ...given }, context.root, projectRoot);
  const request = captureRequest(options, false, context.root);
  const env = { ...process.env, ...request.env };
  const workspace = await readWorkspace(request, env, new AbortController().signal);
  const running = runningSessions(workspace.targetDir);
  if (options.program.kind === 'default') {
    // Which of its programs the package means need not be clear when only one of them runs.
    const folder = dirname(options.manifestPath);
    const [only, ...others] = running.filter(({ packageFolder }) => packageFolder === folder);
    if (only !== undefined && others.length === 0 && given.tellPid === undefined) return only;
  }
  const executable = chooseExecutable(request, workspace);
  return chooseSession(running, {
    packageFolder: dirname(executable.package.manifest),
    program: executable.name,
    profile: options.profile,
    pid: given.tellPid,
  });
}

/** Where a project.json has settings for the session (a target folder, a package), they hold for this target too. */
function sessionOptions({ projectsConfigurations, projectName, target }: ExecutorContext): object {
  const { targets = {} } = projectsConfigurations.projects[projectName ?? ''] ?? {};
  const session = Object.values(targets).find(
    ({ executor, continuous }) => continuous === true && executor === target?.executor,
  );
  return session?.options ?? {};
}
