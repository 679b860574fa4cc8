import path from 'node:path';
import type { CaptureRequest, Reason } from '../artifacts';
import { Refusal } from '../refusal';
import type { CargoPackage, Workspace } from './cargo-metadata';

/** The one executable that a request means, or the shared library. */
export interface Executable {
  readonly package: CargoPackage;
  readonly kind: 'bin' | 'example' | 'cdylib';
  readonly name: string;
}

/** @throws Refusal `which-executable` when the request fits none or several, with the names to choose from */
export function chooseExecutable(request: CaptureRequest, workspace: Workspace): Executable {
  const wanted = request.example ?? request.bin;
  const kind = request.example === undefined ? 'bin' : 'example';
  const among = candidates(request, workspace);
  const programs = among.flatMap((found) => {
    const all = kind === 'bin' ? found.bins : found.examples;
    const names = wanted !== undefined ? all.filter((name) => name === wanted) : byDefault(found);
    return names.map((name): Executable => ({ package: found, kind, name }));
  });
  const libraries = among.flatMap((found) =>
    found.cdylibs.map((name): Executable => ({ package: found, kind: 'cdylib', name })),
  );
  const isLibrary = request.lib ?? (wanted === undefined && programs.length === 0);
  const fitting = isLibrary ? libraries : programs;
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  throw new Refusal([ambiguity(request, workspace, fitting, kind, wanted)]);
}

function byDefault(found: CargoPackage): readonly string[] {
  return found.defaultRun === null ? found.bins : [found.defaultRun];
}

function candidates(request: CaptureRequest, workspace: Workspace): readonly CargoPackage[] {
  if (request.package !== undefined)
    return workspace.packages.filter(({ name, id }) => name === request.package || id === request.package);
  const manifest = request.manifestPath ?? path.join(request.cwd, 'Cargo.toml');
  const named = workspace.packages.filter((found) => found.manifest === manifest);
  if (named.length > 0) return named;
  return workspace.packages.filter(({ id }) => workspace.defaultMembers.includes(id));
}

function ambiguity(
  request: CaptureRequest,
  workspace: Workspace,
  fitting: readonly Executable[],
  kind: 'bin' | 'example',
  wanted: string | undefined,
): Reason {
  const among = fitting.length > 0 ? fitting.map(({ name }) => name) : executablesIn(workspace, kind);
  const subject = wanted ?? request.package ?? request.manifestPath ?? request.cwd;
  if (request.lib && fitting.length === 0)
    return {
      code: 'which-executable',
      subject,
      message: `${subject} has no shared library.`,
      remedy: 'Give its library the crate type: `crate-type = ["cdylib"]` under `[lib]`.',
    };
  return {
    code: 'which-executable',
    subject,
    message:
      fitting.length > 0
        ? `${subject} has several executables: ${among.join(', ')}.`
        : `${subject} is not an executable of the workspace${among.length > 0 ? `, which has ${among.join(', ')}` : ''}.`,
    remedy: `Name one with --${kind}, and its package with --package if need be.`,
  };
}

function executablesIn(workspace: Workspace, kind: 'bin' | 'example'): readonly string[] {
  return workspace.packages.flatMap((found) => (kind === 'bin' ? found.bins : found.examples));
}
