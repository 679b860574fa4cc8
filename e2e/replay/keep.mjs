/** Keeps what a wrong patch was made from, so that it can be looked at when the replay has gone on. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * In the folder, for one program: the base image, its units as of the base and those that were compiled, the patch
 * images, and what both sides said. `again` is the command that plays this commit alone.
 */
export async function keepInputs(folder, result, again) {
  const { live } = result;
  await mkdir(folder, { recursive: true });
  await cp(live.record.image.file, join(folder, basename(live.record.image.path)));
  for (const image of live.images) await writeFile(join(folder, `patch-${image.patch}.so`), image.bytes);
  for (const { crate, folder: compiled, changed } of result.units ?? []) {
    const { units } = live.record.crates.find(({ id }) => id === crate);
    await cp(compiled, join(folder, 'compiled', crate), { recursive: true });
    for (const unit of changed)
      await cp(join(units, `${unit}.o`), join(folder, 'base', crate, `${unit}.o`)).catch(() => {});
  }
  const { crash, wrong, reasons, notes, functions } = result;
  const seen = { again, crash, wrong, reasons, notes, functions, errors: live.run?.errors };
  await writeFile(join(folder, 'seen.json'), `${JSON.stringify(seen, null, 2)}\n`);
}
