import { euros } from 'pricing';
import type { Quote, Zone } from './generated/contract';

const zones: readonly Zone[] = ['domestic', 'europe', 'world'];

const form = document.forms[0];
const answer = form?.querySelector('output');
form?.querySelector('select')?.append(...zones.map((zone) => new Option(zone)));
form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const response = await fetch(
    `/api/quote?${new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]))}`,
  );
  if (answer) answer.textContent = response.ok ? words(await response.json()) : await response.text();
});

function words({ cents, tracking }: Quote): string {
  return `${euros(cents)} (${tracking})`;
}
