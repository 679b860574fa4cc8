/** rustc makes one or two units of a module. */
const FILES_PER_SLOT = 4;
const MOST_SLOTS = 256;

/**
 * How many slots the units of a package are spread over. A power of two, so that the number stays what it is under
 * nearly all edits: with another number every unit task of the package is another task.
 *
 * @param sources the number of the package's .rs files
 */
export function slotCount(sources: number): number {
  const wanted = Math.min(Math.ceil(sources / FILES_PER_SLOT), MOST_SLOTS);
  return 2 ** Math.ceil(Math.log2(Math.max(wanted, 1)));
}

/** Names of the slots: lower-case hexadecimal, two digits or as many as the last one needs, so that they sort. */
export function slotNames(slots: number): readonly string[] {
  const digits = Math.max(2, (slots - 1).toString(16).length);
  return Array.from({ length: slots }, (_, slot) => slot.toString(16).padStart(digits, '0'));
}
