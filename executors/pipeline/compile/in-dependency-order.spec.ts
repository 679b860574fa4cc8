import { inDependencyOrder } from './in-dependency-order';

const DEPENDENCIES: Record<string, readonly string[]> = {
  app: ['left', 'right'],
  left: ['base'],
  right: ['base'],
};
const dependencies = (id: string) => DEPENDENCIES[id] ?? [];

it('runs what something depends on first, and independent steps at a time', async () => {
  const events: string[] = [];
  await inDependencyOrder(['app', 'left', 'right', 'base'], dependencies, 2, async (id) => {
    events.push(`+${id}`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`-${id}`);
    return true;
  });
  expect(events).toEqual(['+base', '-base', '+left', '+right', '-left', '-right', '+app', '-app']);
});

it('runs no more at a time than the width', async () => {
  let running = 0;
  let most = 0;
  await inDependencyOrder(
    ['a', 'b', 'c', 'd'],
    () => [],
    2,
    async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return true;
    },
  );
  expect(most).toBe(2);
});

it('leaves out what depends on a failed step, and runs the rest', async () => {
  const ran: string[] = [];
  await inDependencyOrder(['app', 'left', 'right', 'base'], dependencies, 2, async (id) => {
    ran.push(id);
    return id !== 'left';
  });
  expect(ran).toEqual(['base', 'left', 'right']);
});

it('waits for what runs before it throws', async () => {
  let ended = false;
  const run = inDependencyOrder(
    ['a', 'b'],
    () => [],
    2,
    async (id) => {
      if (id === 'a') throw new Error('first');
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
      return true;
    },
  );
  await expect(run).rejects.toThrow('first');
  expect(ended).toBe(true);
});
