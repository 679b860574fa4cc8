import { engine } from '../../../native/addon';

/** Runs in a worker thread: one call for the batch, so that the thread is busy in the engine and not in between. */
export default async function indexBatch(units: readonly string[]): Promise<number> {
  const { reply } = await engine().call({ op: 'index', units });
  return (reply as { readonly units: number }).units;
}
