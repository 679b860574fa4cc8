import { type ExecutorContext, emitReadySignal, output } from '@nx/devkit';
import { engine, loaderLibraryPath } from '../../native/addon';
import type { BuildRecord } from '../pipeline/artifacts';
import { reachesTerminal, wantsColour } from '../pipeline/terminal';
import { askOnTerminal } from '../session/ask';
import type { Exit } from '../session/hot-loop';
import { exitCode } from '../session/program/child';
import { EventsFile } from '../session/report/events-file';
import { Reporter } from '../session/report/reporter';
import { Session } from '../session/session';
import { keepBase } from '../tasks/base';
import { besideTheTasks } from './beside-the-tasks';
import { captureRequest } from './capture-request';
import { keepExitCode } from './exit-code';
import { type HotpatchExecutorSchema, normalizeOptions } from './options';
import { packageVersion } from './package-version';
import { reproduceCommand, reproduceCrash } from './reproduce-crash';
import { tellSession } from './tell-session';

export interface HotpatchResult {
  readonly success: boolean;
  /** The program's own code, 128 + n when signal n ended it; absent when it was never started. */
  readonly code?: number;
}

/** `nx run app:hotpatch`: builds the program, runs it, and patches it on every save, until it ends. */
export default async function hotpatchExecutor(
  schema: HotpatchExecutorSchema,
  context: ExecutorContext,
): Promise<HotpatchResult> {
  // Nx keeps a `--verbose` before any `--` for itself, and tells it so.
  const given = { ...schema, verbose: (schema.verbose ?? false) || context.isVerbose };
  const projectRoot = context.projectsConfigurations.projects[context.projectName ?? '']?.root ?? '.';
  const write = (text: string) => void process.stderr.write(text);
  // When Nx is killed nobody reads any more. That must not keep us from ending the program and tidying up.
  process.stderr.on('error', () => {});
  let file: EventsFile | undefined;
  try {
    if (given.tell !== undefined) return await tellSession(given, context, projectRoot);
    if (given.tellPid !== undefined) {
      throw new Error('--tellPid says whom --tell is for, and there is no --tell: add one, or leave it out.');
    }
    // Before anything is built: without it no change could ever be patched.
    const native = engine();
    const options = normalizeOptions(given, context.root, projectRoot);
    if (options.events !== undefined) file = new EventsFile(options.events);
    const colour = wantsColour(reachesTerminal());
    let build: BuildRecord | undefined;
    let session: Session | undefined;
    const subject = () => ({
      name: context.projectName ?? 'the program',
      crates: build?.crates.map(({ name }) => name) ?? [],
      keys: session?.takesKeys ?? false,
    });
    const reporter = new Reporter({
      subject,
      ...(file === undefined ? {} : { file }),
      json: options.json,
      colour,
      clear: options.clear && reachesTerminal(),
      verbose: options.verbose,
      write,
    });
    if (options.reproduce !== undefined) {
      return ended(await reproduceCrash(options.reproduce, reporter, (request) => native.call(request)));
    }
    const request = captureRequest(options, colour, context.root);
    const beside = besideTheTasks(request, context);
    if (beside !== undefined) reporter.progress(beside);
    session = new Session({
      request,
      program: {
        args: options.args,
        cwd: options.cwd,
        env: options.env,
        ...(options.artifact === undefined ? {} : { artifact: options.artifact }),
      },
      loader: loaderLibraryPath(),
      onRefused: options.onRefused,
      debounceMs: options.debounceMs,
      version: packageVersion(),
      engine: (request) => native.call(request),
      ask: (signal) => askOnTerminal('Restart it with the new code?', write, signal),
      keys: options.keys,
      terminal: process.stdin,
      reporter,
      subject,
      reproduceCommand: (folder) => reproduceCommand(folder, context),
      built: (record) => {
        build = record;
        keepBase(record);
      },
      // Nx 23 knows no such signal, and takes a continuous task for ready once it has started.
      ready: () => void emitReadySignal?.(),
    });
    const exit = await session.run();
    return exit === undefined ? { success: false } : ended(exit);
  } catch (error) {
    // Outside of the loop there is no program whose output this could disturb: the form is that of Nx's own errors.
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    output.error({
      title: `${context.projectName}:${context.targetName} failed.`,
      bodyLines: [message, ...(given.verbose && stack !== undefined ? [stack] : [])],
    });
    return { success: false };
  } finally {
    file?.close();
  }
}

function ended(exit: Pick<Exit, 'code' | 'signal'>): HotpatchResult {
  const code = exitCode(exit);
  keepExitCode(code);
  return { success: code === 0, code };
}
