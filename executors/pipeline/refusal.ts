import type { Reason } from './artifacts';

/** A stage that cannot do its part throws this; the session shows the reasons as they are. */
export class Refusal extends Error {
  constructor(readonly reasons: readonly [Reason, ...Reason[]]) {
    super(reasons.map((reason) => `${reason.message} ${reason.remedy}`).join('\n'));
    this.name = 'Refusal';
  }
}
