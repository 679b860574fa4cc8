/** How a price is written on our pages. */
export function euros(cents: number): string {
  return `${(cents / 100).toFixed(2)} €`;
}
