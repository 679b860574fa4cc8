import { dirname } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { readWorkspace } from '../pipeline/capture/cargo-metadata';
import { chooseExecutable } from '../pipeline/capture/executable';
import { parseCommand } from '../session/commands';
import { chooseSession } from '../session/control/choose';
import { tell } from '../session/control/client';
import { runningSessions, type SessionEntry } from '../session/control/registry';
import { lines } from '../session/report/lines';
import { paintFor, wantsColour } from '../session/report/paint';
import { reachesTerminal } from '../session/terminal';
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
  const options = normalizeOptions(given, context.root, projectRoot);
  const request = captureRequest(options, false, context.root);
  const env = { ...process.env, ...request.env };
  const workspace = await readWorkspace(request, env, new AbortController().signal);
  const executable = chooseExecutable(request, workspace);
  return chooseSession(runningSessions(workspace.targetDir), {
    packageFolder: dirname(executable.package.manifest),
    program: executable.name,
    profile: options.profile,
    pid: given.tellPid,
  });
}
