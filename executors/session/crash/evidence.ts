import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { linkOrCopy } from '../../pipeline/capture/atomic-file';
import type { Crashed, Hello } from '../loader-connection/messages';

/** Rises when a folder of before cannot be reproduced from any more. */
const FORMAT = 1;

/** So many crashes are kept: each holds on to an image that may be large. */
const KEPT = 8;

const MANIFEST = 'crash.json';
/** A folder, so that the image in it can have its own name: a program may look at it, and its first thread bears it. */
const IMAGE = 'image';
const STACK = 'stack.bin';
const SOURCES = 'sources.diff';
const REPORT = 'report.txt';

/** What a crash's folder says; the images and the stack lie beside it. */
export interface Evidence {
  readonly time: string;
  readonly signal: string;
  /** Null when the process left no word. */
  readonly crash: Omit<Crashed, 'stack'> | null;
  readonly hello: Omit<Hello, 'token'>;
  readonly program: {
    readonly args: readonly string[];
    readonly cwd: string;
    /** Variables that the session or cargo's rules set. */
    readonly env: Readonly<Record<string, string>>;
    /** Names of the others that it saw. Their values may be secrets, so they are not kept. */
    readonly envNames: readonly string[];
    readonly image: string;
    /** A library that the program had loaded. */
    readonly shared: boolean;
    readonly buildId: string;
    readonly targetDir: string;
  };
  readonly patches: readonly KeptPatch[];
  readonly versions: Readonly<Record<string, string>>;
}

export interface KeptPatch {
  readonly patch: number;
  /** Name of the image's file in the folder. */
  readonly file: string;
}

export interface EvidenceFiles {
  /** Path of the base image, which is linked, not copied, where the file system allows it. */
  readonly image: string;
  readonly patches: readonly { readonly patch: number; readonly bytes: Buffer }[];
  readonly stack: Buffer | undefined;
  /** What the sources have against their last commit; empty without git. */
  readonly sources: string;
  /** What was said of the crash. */
  readonly report: string;
}

/**
 * Writes `<target>/hotpatch/crashes/<time>-<pid>/`, for its user only: a stack can hold anything.
 *
 * @returns the folder
 */
export function keepEvidence(evidence: Omit<Evidence, 'patches'>, files: EvidenceFiles): string {
  const crashes = join(evidence.program.targetDir, 'hotpatch', 'crashes');
  const stamp = evidence.time.replace(/[-:]|\.\d+/g, '');
  const folder = join(crashes, `${stamp}-${evidence.hello.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string | Buffer) =>
    writeFileSync(join(folder, name), content, { mode: 0o600 });

  mkdirSync(join(folder, IMAGE), { mode: 0o700 });
  linkOrCopy(files.image, join(folder, IMAGE, basename(evidence.program.image)));
  const patches = files.patches.map(({ patch, bytes }) => {
    const file = `patch-${patch}.so`;
    write(file, bytes);
    return { patch, file };
  });
  if (files.stack !== undefined) write(STACK, files.stack);
  if (files.sources !== '') write(SOURCES, files.sources);
  write(REPORT, files.report);
  // Last: a folder with it is whole.
  write(MANIFEST, `${JSON.stringify({ format: FORMAT, ...evidence, patches }, null, 1)}\n`);
  forgetOld(crashes);
  return folder;
}

export interface Reproducible extends Evidence {
  readonly folder: string;
  /** Path of the image in the folder. */
  readonly image: string;
  patchBytes(patch: KeptPatch): Buffer;
}

/** @throws Error with one sentence when the folder is not one of a crash, or of another version */
export function readEvidence(folder: string): Reproducible {
  let manifest: Evidence & { readonly format: number };
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
  } catch (error) {
    throw new Error(`${folder} holds no crash (${MANIFEST} is missing or damaged): check the path.`, {
      cause: error,
    });
  }
  if (manifest.format !== FORMAT) {
    throw new Error(`${folder} was written by another version of nx-hotpatch: use that one.`);
  }
  return {
    ...manifest,
    folder,
    image: join(folder, IMAGE, basename(manifest.program.image)),
    patchBytes: ({ file }) => readFileSync(join(folder, file)),
  };
}

/** Names begin with the time, so the oldest come first. */
function forgetOld(crashes: string): void {
  const names = readdirSync(crashes)
    .filter((name) => /^\d{8}T\d{6}Z-\d+$/.test(name))
    .sort();
  for (const name of names.slice(0, -KEPT)) rmSync(join(crashes, name), { recursive: true, force: true });
}
