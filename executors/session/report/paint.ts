import type { Paint } from './lines';

const PLAIN: Paint = { good: (text) => text, bad: (text) => text, dim: (text) => text };

const ANSI: Paint = {
  good: (text) => `\u001b[32m${text}\u001b[39m`,
  bad: (text) => `\u001b[31m${text}\u001b[39m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

export function paintFor(colour: boolean): Paint {
  return colour ? ANSI : PLAIN;
}
