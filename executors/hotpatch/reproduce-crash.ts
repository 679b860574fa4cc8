import { relative } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import type { EngineCall } from '../pipeline/engine';
import { crashReport } from '../session/crash/crash-report';
import { readEvidence } from '../session/crash/evidence';
import { reproduce } from '../session/crash/reproduce';
import type { ChildExit } from '../session/program/child';
import type { Reporter } from '../session/report/reporter';
import { packageVersion } from './package-version';

/** The command that a person can copy; it is run in the workspace's root. */
export function reproduceCommand(folder: string, { root, projectName, targetName }: ExecutorContext): string {
  const path = relative(root, folder);
  const word = /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  // The tasks before it would build the present sources, which are others, and may not compile.
  return `nx run ${projectName}:${targetName} --excludeTaskDependencies --reproduce=${word}`;
}

/** Runs a crash's program again with its patches, and tells how it ended and whether that is how it ended then. */
export async function reproduceCrash(
  folder: string,
  reporter: Reporter,
  engine: EngineCall,
): Promise<ChildExit> {
  const evidence = readEvidence(folder);
  if (evidence.program.shared)
    throw new Error(
      `${folder} is of a library in the program that loads it, which cannot be held until it has its patches: start it and edit again.`,
    );
  const patches = evidence.patches.map(({ patch }) => patch).join(', ');
  reporter.progress(
    `reproducing ${evidence.signal} of ${evidence.time} with patches ${patches} applied before main`,
  );
  reporter.progress('they were applied while it ran then, so what depends on the moment may differ');
  const { pid, exit, death } = await reproduce(evidence, packageVersion());
  if (death !== undefined) {
    const report = await crashReport(death, evidence.image, engine);
    reporter.event({ ...report, folder, reproduce: null });
  }
  reporter.event({ event: 'exited', pid, ...exit });
  const same = exit.signal === evidence.signal;
  reporter.progress(
    same
      ? `it ended as it did then, by ${evidence.signal}`
      : `it ended otherwise: then by ${evidence.signal}`,
  );
  return exit;
}
