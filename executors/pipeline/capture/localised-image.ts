import { readFileSync, writeFileSync } from 'node:fs';
import { type Localisation, localise } from './same-path';

/** Writes an image with the paths of this clone in it. */
export function writeLocalised(portable: string, image: string, paths: Localisation): void {
  const bytes = readFileSync(portable);
  localise(bytes, paths);
  writeFileSync(image, bytes, { mode: 0o755 });
}
