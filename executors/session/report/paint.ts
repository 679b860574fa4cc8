import type { Paint } from './lines';

const PLAIN: Paint = { good: (text) => text, bad: (text) => text, dim: (text) => text };

const ANSI: Paint = {
  good: (text) => `\u001b[32m${text}\u001b[39m`,
  bad: (text) => `\u001b[31m${text}\u001b[39m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** Colour on a terminal only, and not when NO_COLOR is set to anything but nothing (https://no-color.org). */
export function wantsColour(
  terminal: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return terminal && !env.NO_COLOR;
}

export function paintFor(colour: boolean): Paint {
  return colour ? ANSI : PLAIN;
}
