/**
 * Stands in for the user's linker when an executable or a shared library of the workspace is linked during a capture:
 * links it with the loader, or with what announces it to the loader, and records what the image was made from.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reason } from '../artifacts';
import { linkOrCopy } from './atomic-file';
import { readBuildId } from './build-id';
import { missingLinker } from './c-compiler';
import { endAs, runChild } from './child';
import { crateIdOfOutput } from './crate-arguments';
import { compileKey } from './crate-inputs';
import { HotpatchFolder } from './hotpatch-folder';
import { unpatchable } from './image-file';
import {
  archivesOf,
  expandResponseFiles,
  formatResponseFile,
  isShared,
  isStatic,
  outputOf,
  patchableLibraryArguments,
  patchableLinkArguments,
} from './link-arguments';
import { writeLocalised } from './localised-image';
import { removeOutdated } from './outdated';
import { CRATE, REAL_FOLDERS, RUN_FILE, readRun, refuse, USER_LINKER } from './run';
import { fromSamePath, LOADER_PATH, localisation } from './same-path';
import { endClearly } from './wrapper-failure';

const runFile = process.env[RUN_FILE] ?? '';
endClearly(runFile);
const run = readRun(runFile);
const linker = process.env[USER_LINKER] ?? 'cc';
const crate = process.env[CRATE] ?? '';
const { samePath } = run;
const real = (text: string) => (samePath ? fromSamePath(text, samePath.folder) : text);
const cwd = real(process.cwd());
const given = process.argv.slice(2);
const realFolders = JSON.parse(process.env[REAL_FOLDERS] ?? '[]') as [string, string][];
// What is recorded must still be there when sessions have compiled in their places.
const expanded = expandResponseFiles(given, cwd).map((arg) =>
  realFolders.reduce((text, [name, folder]) => text.replaceAll(name, folder), real(arg)),
);
const output = outputOf(expanded, cwd);
if (isStatic(expanded)) {
  fail({
    code: 'static-image',
    subject: output,
    message: `${output} is linked statically, so that no loader can live in it.`,
    remedy: 'Build it without `-C target-feature=+crt-static` and for a target with a shared C library.',
  });
}
const loader = samePath ? path.join(LOADER_PATH, path.basename(run.loader)) : run.loader;
const shared = isShared(expanded);
const args = shared
  ? patchableLibraryArguments(expanded, run.announcement)
  : patchableLinkArguments(expanded, loader);
// An older image may be hard-linked elsewhere, and some linkers write into the file that they find.
rmSync(output, { force: true });
const end = runChild([linker, ...passed(args)], process.env);
const missing = end.code === 0 ? undefined : missingLinker(linker, process.env);
if (missing) fail(missing);
if (end.code === 0) {
  const reason = unpatchable(output);
  if (reason) fail(reason);
  record();
}
endAs(end);

function record(): void {
  const buildId = readBuildId(output);
  if (buildId === undefined) throw new Error(`${linker} wrote no build id into ${output}`);
  const folder = new HotpatchFolder(run.targetDir, samePath?.folder);
  const file = folder.imageFile(buildId);
  const archives = archivesOf(expanded, cwd);
  const libraries = archives.map(crateIdOfOutput).filter((id) => folder.hasCrate(id));
  const crates = [crate, ...libraries];
  const records = libraries.flatMap((id) => folder.readCrate(id) ?? []);
  const compiles = Object.fromEntries(records.map((each) => [each.id, compileKey(each)]));
  // The record comes last: with it, the image's file is there too.
  folder.prepareImages();
  const portable = samePath ? folder.portableImage(buildId) : null;
  if (samePath && portable !== null) {
    rmSync(portable, { force: true });
    renameSync(output, portable);
    writeLocalised(portable, output, localisation(samePath.folder, run.loader));
  }
  rmSync(file, { force: true });
  linkOrCopy(output, file);
  folder.writeImage(
    { path: output, shared, file, portable, crate, buildId, linker, args, cwd, archives, crates, compiles },
    run.loader,
  );
  const isOurs = (name: string) => folder.readImage(path.parse(name).name, run.loader)?.crate === crate;
  for (const ending of ['.image', '.portable', '.json'])
    removeOutdated(path.dirname(file), buildId, (name) => name.endsWith(ending) && isOurs(name));
}

/** One argument may be at most 128 KiB and all together a few MiB (execve(2)); rustc stayed below, we added some. */
function passed(args: readonly string[]): readonly string[] {
  if (args.join(' ').length < 100_000) return args;
  const file = `${output}.arguments`;
  writeFileSync(file, formatResponseFile(args));
  process.on('exit', () => rmSync(file, { force: true }));
  return [`@${file}`];
}

function fail(reason: Reason): never {
  refuse(runFile, reason);
  process.stderr.write(`${reason.message} ${reason.remedy}\n`);
  process.exit(1);
}
