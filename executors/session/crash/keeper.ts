import type { BuildRecord } from '../../pipeline/artifacts';
import type { EngineCall } from '../../pipeline/engine';
import type { CrashedEvent } from '../events';
import type { Death } from '../program/deaths';
import { lines, type Subject } from '../report/lines';
import { paintFor } from '../report/paint';
import { crashReport } from './crash-report';
import { keepEvidence } from './evidence';
import { sourcesDiff, versionsOf } from './surroundings';

export interface CrashKeeperOptions {
  readonly engine: EngineCall;
  readonly version: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The variables that the program was given, apart from those of the session's own environment. */
  readonly env: (record: BuildRecord) => Readonly<Record<string, string>>;
  readonly subject: () => Subject;
  /** The command that reproduces what a folder holds. */
  readonly command: (folder: string) => string;
}

/** Finds out about a crash and keeps what is needed to reproduce it. */
export class CrashKeeper {
  constructor(private readonly options: CrashKeeperOptions) {}

  async keep(record: BuildRecord, death: Death): Promise<CrashedEvent> {
    const report = await crashReport(death, record.image.file, this.options.engine);
    try {
      const folder = await this.#write(record, death, report);
      // A library comes into its host at a moment that only the host decides.
      const reproduce = record.image.shared ? null : this.options.command(folder);
      return { ...report, folder, reproduce };
    } catch {
      // A full disk must not keep the crash itself from being told.
      return { ...report, folder: null, reproduce: null };
    }
  }

  async #write(
    record: BuildRecord,
    death: Death,
    report: Omit<CrashedEvent, 'folder' | 'reproduce'>,
  ): Promise<string> {
    const { hello, crash, signal, patches } = death;
    const { args, cwd, version } = this.options;
    const env = this.options.env(record);
    const [sources, versions] = await Promise.all([
      sourcesDiff(record.workspaceRoot),
      versionsOf(version, record.crates[0]?.rustc ?? 'rustc', record.workspaceRoot),
    ]);
    const { stack, ...spoken } = crash ?? { stack: undefined };
    const { token: _, ...greeting } = hello;
    const told = lines({ ...report, folder: null, reproduce: null }, this.options.subject(), paintFor(false));
    return keepEvidence(
      {
        time: new Date().toISOString(),
        signal,
        crash: crash === undefined ? null : (spoken as Omit<typeof crash, 'stack'>),
        hello: greeting,
        program: {
          args,
          cwd,
          env,
          envNames: Object.keys(process.env)
            .filter((name) => !(name in env))
            .sort(),
          image: record.image.path,
          shared: record.image.shared,
          buildId: record.image.buildId,
          targetDir: record.targetDir,
        },
        versions,
      },
      {
        image: record.image.file,
        patches,
        stack,
        sources,
        report: `${told.join('\n')}\n`,
      },
    );
  }
}
