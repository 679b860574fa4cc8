import { connect } from 'node:net';
import type { ControlAnswer, ControlRequest } from './messages';

/**
 * Sends one command to a running session and waits for what comes of it, however long a build takes.
 *
 * @throws Error with one sentence when the session is gone
 */
export async function tell(socket: string, request: ControlRequest): Promise<ControlAnswer> {
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const connection = connect(socket, () => connection.write(`${JSON.stringify(request)}\n`));
    connection.setEncoding('utf8');
    connection.on('data', (chunk: string) => {
      received += chunk;
    });
    connection.once('error', reject);
    connection.once('close', () => resolve(received));
  }).catch((error: unknown) => {
    throw new Error(`the session at ${socket} does not answer: it has just ended, so start it again.`, {
      cause: error,
    });
  });
  if (text === '') throw new Error('the session ended before it answered: start it again.');
  return JSON.parse(text) as ControlAnswer;
}
