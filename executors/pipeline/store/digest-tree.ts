import path from 'node:path';
import { digestOf, digestOfText } from '../capture/crate-inputs';
import { filesBelow } from './crate-entry';

/** Content of a file, or of all files below a folder; empty for what is not there. */
export function digestOfTree(place: string): string {
  const file = digestOf(place);
  if (file !== undefined) return file;
  const files = filesBelow(place);
  if (files.length === 0) return '';
  return digestOfText(JSON.stringify(files.map((name) => [name, digestOf(path.join(place, name))])));
}
