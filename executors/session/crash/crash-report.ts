import { readFile } from 'node:fs/promises';
import type { EngineCall } from '../../pipeline/engine';
import type { CrashedEvent, CrashFrame } from '../events';
import type { Death } from '../program/deaths';
import { ElfImage } from './elf-image';
import { type FoundFrame, framesOf } from './frames';
import { placesOf } from './places';

/**
 * A crash as people are told of it, but for where it is kept.
 *
 * @param image path of the base image
 */
export async function crashReport(
  death: Death,
  image: string,
  engine: EngineCall,
): Promise<Omit<CrashedEvent, 'folder' | 'reproduce'>> {
  const { hello, crash, signal } = death;
  const found = await framesIn(death, image);
  const places = await placesOf(found, death, image, engine);
  const names = await namesOf(found, engine);
  const frames = found.map((frame, at) => ({ ...told(frame, names), at: places[at] ?? null }));
  return {
    event: 'crashed',
    pid: hello.pid,
    signal,
    thread: crash?.thread ?? null,
    // A signal that was sent is about no address, and has the sender's pid in that place (sigaction(2)).
    address: crash === undefined || crash.code <= 0 ? null : crash.address,
    ...verdict(frames),
    frames,
  };
}

async function framesIn({ hello, crash, patches }: Death, image: string): Promise<readonly FoundFrame[]> {
  if (crash === undefined) return [];
  return framesOf(crash, hello, new ElfImage(await readFile(image)), patches);
}

/** The innermost code of a patch is what the crash is blamed on: it called what crashed, or did itself. */
function verdict(frames: readonly CrashFrame[]): Pick<CrashedEvent, 'where' | 'patch' | 'function'> {
  if (frames.length === 0) return { where: 'unknown', patch: null, function: null };
  const patched = frames.find(({ patch }) => patch !== null);
  if (patched === undefined) return { where: 'program', patch: null, function: null };
  const where = patched === frames[0] ? 'in-patch' : 'under-patch';
  return { where, patch: patched.patch, function: patched.function };
}

function told(frame: FoundFrame, names: ReadonlyMap<string, string>): Omit<CrashFrame, 'at'> {
  const { address, symbol, offset, patch, certain } = frame;
  const name = symbol === null ? null : (names.get(symbol) ?? symbol);
  return { address: `0x${address.toString(16)}`, function: name, offset, patch, certain };
}

async function namesOf(
  frames: readonly FoundFrame[],
  engine: EngineCall,
): Promise<ReadonlyMap<string, string>> {
  const symbols = [...new Set(frames.flatMap(({ symbol }) => symbol ?? []))];
  const { reply } = await engine({ op: 'names', symbols });
  const { names } = reply as { readonly names: readonly string[] };
  return new Map(symbols.map((symbol, at) => [symbol, names[at] ?? symbol]));
}
