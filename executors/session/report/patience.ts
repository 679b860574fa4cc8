/** How long a person waits without a word. */
const PATIENCE_MS = 1_000;

/** Says what is being waited for when it takes long, once. */
export async function sayWhenSlow<T>(work: Promise<T>, say: () => void): Promise<T> {
  const timer = setTimeout(say, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
