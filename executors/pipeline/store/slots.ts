import { createHash } from 'node:crypto';

/** Slots of a crate whose task does not say how many: enough that an edit leaves most of them alone. */
export const DEFAULT_SLOTS = 8;

/**
 * The slot of a codegen unit. Its name alone decides: the units of a crate come and go, the others stay where they are.
 *
 * @param slots a power of two
 * @returns lower-case hex digits, as many as the last slot needs, at least two
 */
export function slotOf(unit: string, slots: number): string {
  const hash = createHash('sha256').update(unit).digest().readUInt32BE(0);
  return slotName(hash % slots, slots);
}

export function slotName(slot: number, slots: number): string {
  return slot.toString(16).padStart(Math.max(2, (slots - 1).toString(16).length), '0');
}
