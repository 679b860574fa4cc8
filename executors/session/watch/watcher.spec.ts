import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { SourceWatcher, type WatchRequest } from './watcher';

let root: string;
let watcher: SourceWatcher;
let seen: { readonly file: string; readonly at: number }[];
let onSeen: (() => void)[];

function put(file: string, content: string): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Resolves at the next change of the file. */
async function change(path: string, since = seen.length): Promise<void> {
  while (!seen.slice(since).some(({ file }) => file === path)) {
    await new Promise<void>((resolve) => onSeen.push(resolve));
  }
}

async function watch(request: Partial<WatchRequest> = {}): Promise<void> {
  watcher = await SourceWatcher.start({
    folders: [join(root, 'src')],
    files: [join(root, 'src/main.rs')],
    ignored: [join(root, 'target')],
    since: Date.now() + 60_000,
    isWanted: () => false,
    quietMs: 10,
    onChange: (files, at) => {
      for (const file of files) seen.push({ file, at });
      for (const resolve of onSeen.splice(0)) resolve();
    },
    ...request,
  });
}

/** Notifications come in order, so once a later change is seen, an earlier one was not wanted. */
async function settled(): Promise<void> {
  const seenBefore = seen.length;
  const marker = put('src/main.rs', `marker ${performance.now()}`);
  await change(marker, seenBefore);
  seen.splice(seenBefore);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nx-hotpatch-spec-'));
  seen = [];
  onSeen = [];
  put('src/main.rs', 'fn main() {}');
});
afterEach(async () => {
  await watcher.close();
  rmSync(root, { recursive: true });
});

test('a save is seen, with the time of its notification', async () => {
  await watch();
  const before = performance.now();
  const main = put('src/main.rs', 'fn main() { hello() }');
  await change(main, 0);
  expect(seen[0]?.at).toBeGreaterThanOrEqual(before);
});

test('a save that changes nothing is nothing', async () => {
  await watch();
  put('src/main.rs', 'fn main() {}');
  utimesSync(join(root, 'src/main.rs'), new Date(), new Date());
  await settled();
  expect(seen).toEqual([]);
});

test('an editor that writes a new file and renames it over the old one is seen', async () => {
  await watch();
  renameSync(put('src/.main.rs.swp', 'fn main() { renamed() }'), join(root, 'src/main.rs'));
  await change(join(root, 'src/main.rs'), 0);
  expect(seen.map(({ file }) => file)).not.toContain(join(root, 'src/.main.rs.swp'));
  const before = seen.length;
  await change(put('src/main.rs', 'fn main() { again() }'), before);
});

test('files that are saved together are one save', async () => {
  const other = put('src/other.rs', 'fn a() {}');
  const batches: (readonly string[])[] = [];
  await watch({
    files: [join(root, 'src/main.rs'), other],
    onChange: (files) => {
      batches.push(files);
      for (const resolve of onSeen.splice(0)) resolve();
    },
  });
  put('src/main.rs', 'fn main() { b() }');
  put('src/other.rs', 'fn b() {}');
  await new Promise<void>((resolve) => onSeen.push(resolve));
  expect([...(batches[0] ?? [])].sort()).toEqual([join(root, 'src/main.rs'), other]);
});

test('the second of two writes in quick succession is not lost', async () => {
  await watch();
  const main = put('src/main.rs', '');
  await change(main, 0);
  const before = seen.length;
  appendFileSync(main, 'fn main() { whole() }');
  await change(main, before);
});

test('a file that another folder lends to a crate is watched too', async () => {
  const text = put('assets/text.txt', 'one');
  await watch({ files: [join(root, 'src/main.rs'), text] });
  put('assets/text.txt', 'two');
  await change(text, 0);
});

test('files that nobody reads do not count until they are wanted', async () => {
  let wanted = false;
  await watch({ isWanted: () => wanted });
  put('src/new.rs', 'pub fn new() {}');
  put('src/notes.txt', 'x');
  await settled();
  expect(seen).toEqual([]);
  wanted = true;
  await change(put('src/other.rs', 'pub fn other() {}'), 0);
});

test('a file in a new folder is seen', async () => {
  await watch({ isWanted: () => true });
  await change(put('src/routes/mod.rs', 'pub fn hello() {}'), 0);
});

test('an edit between a compile and its dep-info is not lost', async () => {
  await watch();
  const compileBegan = performance.now();
  const fresh = put('src/new.rs', 'pub fn new() {}');
  await settled();
  watcher.add([fresh], compileBegan);
  expect(seen.map(({ file }) => file)).toEqual([fresh]);
});

test('what was edited while the program was built is reported at the start', async () => {
  await watch({ since: Date.now() - 60_000 });
  expect(seen.map(({ file }) => file)).toEqual([join(root, 'src/main.rs')]);
});

test('what tools write is not looked at', async () => {
  put('src/nested/Cargo.toml', '');
  await watch({ folders: [root], isWanted: () => true });
  put('target/debug/x.rs', 'x');
  put('node_modules/p/x.rs', 'x');
  put('src/nested/src/lib.rs', 'x');
  put('src/main.rs~', 'x');
  await settled();
  expect(seen).toEqual([]);
});

test('a file that is watched by itself is seen under its own name alone, also in a folder that matters as a whole', async () => {
  const folder = join(root, 'c');
  const file = put('c/sum.c', '1');
  await watch({
    files: [join(root, 'src/main.rs'), folder],
    isWanted: (path) => path.startsWith(`${folder}/`),
  });
  put('c/sum.c', '2');
  await change(file, 0);
  await settled();
  expect(seen.map((each) => each.file)).toEqual([file]);
});
