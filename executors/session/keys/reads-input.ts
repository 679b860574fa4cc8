import { readFileSync } from 'node:fs';
import elfy from 'elfy';

/**
 * Every way of std to read its standard input goes through this function, whose path stands in its symbol under both
 * manglings (`..3std2io5stdio5stdin..`); the others are how a program brings a terminal into a mode of its own.
 * A program that uses none of them has none of them: rustc lets the linker drop what nothing refers to.
 */
const SIGNS = ['2io5stdio5stdin', 'tcgetattr', 'tcsetattr'];

/**
 * Whether a program has code that reads its standard input or drives its terminal. One that reads descriptor 0 by a
 * bare system call is not recognised.
 */
export function readsInput(image: string): boolean {
  const names = elfy
    .parse(readFileSync(image))
    .body.sections.filter(({ name }) => name === '.strtab' || name === '.dynstr');
  return names.some(({ data }) => SIGNS.some((sign) => data.includes(sign)));
}
