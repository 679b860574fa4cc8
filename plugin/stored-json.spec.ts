import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StoredJson } from './stored-json';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hotpatch-stored-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const stored = (format = 1) => new StoredJson<readonly string[]>(root, 'names', format);
const folder = () => path.join(root, '.nx/workspace-data/nx-hotpatch');
const file = () => path.join(folder(), 'names.json');

describe('a stored value', () => {
  it('is there for the next process, and for other formats not', () => {
    expect(stored().read()).toBeUndefined();
    stored().write(['a', 'b']);
    expect(stored().read()).toEqual(['a', 'b']);
    writeFileSync(file(), readFileSync(file()));
    expect(stored().read()).toEqual(['a', 'b']);
    writeFileSync(file(), readFileSync(file()));
    expect(stored(2).read()).toBeUndefined();
  });

  it('is read again when another process has written', () => {
    stored().write(['old']);
    expect(stored().read()).toEqual(['old']);
    const text = readFileSync(file());
    stored().write(['new']);
    writeFileSync(file(), text);
    expect(stored().read()).toEqual(['old']);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -3)],
    ['empty', () => ''],
    ['changed to another value', (text: string) => text.replace('"a"', '"c"')],
    ['without its digest', (text: string) => text.slice(text.indexOf('\n') + 1)],
  ])('is gone when its file is %s', (_, damage) => {
    stored().write(['a', 'b']);
    writeFileSync(file(), damage(readFileSync(file(), 'utf8')));
    expect(stored().read()).toBeUndefined();
    stored().write(['a', 'b']);
    expect(stored().read()).toEqual(['a', 'b']);
  });

  it('leaves no other file behind, and does without a folder that can be written', () => {
    stored().write(['a']);
    expect(readdirSync(folder())).toEqual(['names.json']);
    rmSync(folder(), { recursive: true });
    writeFileSync(folder(), 'a file');
    stored().write(['a']);
    expect(stored().read()).toBeUndefined();
  });
});
