import { readFileSync } from 'node:fs';
import elfy from 'elfy';
import type { Reason } from '../artifacts';

/**
 * Why an image that was just linked cannot be patched, said at the start instead of at the first save.
 * Only what kind of file it is and which sections it has is looked at; all else of an image is the engine's to read.
 */
export function unpatchable(file: string): Reason | undefined {
  const image = parse(file);
  if (image === undefined || image.machine !== 'amd64' || image.class !== '64')
    return {
      code: 'foreign-image',
      subject: file,
      message: `${file} is not a program for x86_64 Linux${image ? ` but for ${image.machine}` : ''}.`,
      remedy: 'Build it for x86_64-unknown-linux-gnu.',
    };
  if (!image.body.sections.some(({ name }) => name === '.symtab'))
    return {
      code: 'stripped-image',
      subject: file,
      message: `${file} is stripped: without a symbol table nobody can tell where its functions are.`,
      remedy: 'Link it without options that strip it.',
    };
  return undefined;
}

/** Bytes of thread-locals that each thread has of an image. */
export function threadLocalBytes(file: string): number {
  const segment = parse(file)?.body.programs.find(({ type }) => type === 'tls');
  return segment?.memsz ?? 0;
}

/** elfy throws plain errors for whatever is no ELF file; which one says nothing more than that. */
function parse(file: string): elfy.Elf | undefined {
  try {
    return elfy.parse(readFileSync(file));
  } catch {
    return undefined;
  }
}
