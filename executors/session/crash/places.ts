import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineCall } from '../../pipeline/engine';
import type { Death } from '../program/deaths';
import type { FoundFrame } from './frames';

interface Places {
  readonly places: readonly ({ readonly file: string; readonly line: number } | null)[];
}

/**
 * `file:line` of each frame, undefined where the line tables say nothing. Good to know and no more: damaged debug
 * information must not keep a crash from being told.
 *
 * @param image path of the base image
 */
export async function placesOf(
  frames: readonly FoundFrame[],
  { patches }: Pick<Death, 'patches'>,
  image: string,
  engine: EngineCall,
): Promise<readonly (string | undefined)[]> {
  const places: (string | undefined)[] = frames.map(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'nx-hotpatch-crash-'));
  try {
    for (const number of new Set(frames.map(({ patch }) => patch))) {
      const path = number === null ? image : join(folder, `patch-${number}.so`);
      const bytes = patches.find(({ patch }) => patch === number)?.bytes;
      if (bytes !== undefined) await writeFile(path, bytes);
      const mine = frames.flatMap(({ patch, inImage }, at) =>
        patch === number && inImage !== null ? [{ at, inImage }] : [],
      );
      const addresses = mine.map(({ inImage }) => inImage);
      const { reply } = await engine({ op: 'places', image: path, addresses });
      for (const [index, { at }] of mine.entries()) {
        const place = (reply as Places).places[index];
        if (place) places[at] = `${place.file}:${place.line}`;
      }
    }
  } catch {
    // Without lines, then.
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return places;
}
