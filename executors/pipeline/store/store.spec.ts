import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BuildRecord, CaptureRequest } from '../artifacts';
import { capture } from '../capture/capture';
import { HotpatchFolder } from '../capture/hotpatch-folder';
import { readToolchain } from '../capture/toolchain';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { adopt } from './adopt';
import { placesOf } from './portable';
import { publishCrates } from './publish-crates';
import { publishImage } from './publish-image';
import { publishThirdParty } from './publish-third-party';
import { Store } from './store';

jest.setTimeout(120_000);

const tools = makeBuildTools();
const { signal } = new AbortController();
/** As cargo's own: two clones on a machine share it. */
const cargoHome = realpathSync(mkdtempSync(path.join(tmpdir(), 'hotpatch-cargo-home-')));
const registry = path.join(cargoHome, 'registry/src/tests');
/** A package from there, with a build script that leaves a file, an empty folder and a link. */
const TALLY = {
  'tally/Cargo.toml': '[package]\nname = "tally"\nversion = "0.1.0"\nedition = "2021"\n',
  'tally/.cargo-checksum.json': '{"files":{}}',
  'tally/build.rs': `fn main() {
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    let of = |name| std::env::var(name).unwrap_or_default();
    println!("{}", of("TALLY_SAYS"));
    std::fs::write(out.join("more.rs"), format!("4{}", of("TALLY_LEAVES"))).unwrap();
    let _ = std::fs::create_dir(out.join("empty"));
    let _ = std::os::unix::fs::symlink("more.rs", out.join("link.rs"));
}
`,
  'tally/src/lib.rs':
    'pub fn ones(n: u32) -> u32 { n.count_ones() + include!(concat!(env!("OUT_DIR"), "/link.rs")) - 4 }\n',
};
for (const [file, text] of Object.entries(TALLY)) {
  mkdirSync(path.dirname(path.join(registry, file)), { recursive: true });
  writeFileSync(path.join(registry, file), text);
}
const FILES = {
  '.cargo/config.toml': `[source.crates-io]\nreplace-with = "tests"\n[source.tests]\ndirectory = "${registry}"\n`,
};
process.env.CARGO_HOME = cargoHome;
const one = new CargoWorkspace(FILES);
let other: CargoWorkspace;

function requestIn({ root }: CargoWorkspace): CaptureRequest {
  return { cwd: root, workspaceRoot: root, package: 'app', ...tools };
}

/** What the cached tasks do after a build. */
async function publish(workspace: CargoWorkspace, record: BuildRecord): Promise<boolean> {
  const toolchain = readToolchain(workspace.root, process.env);
  const places = placesOf(workspace.root, toolchain, process.env);
  await publishCrates([record], { slotsOf: () => 4, places });
  publishThirdParty(record, 'app', 'app', { places, toolchain });
  return await publishImage(record, requestIn(workspace), 'app', { places, toolchain });
}

beforeAll(async () => {
  const record = await capture(requestIn(one), signal);
  expect(await publish(one, record)).toBe(true);
});
beforeEach(() => {
  other = new CargoWorkspace(FILES);
  // What cargo would have written; the lock file is part of a clone.
  cpSync(one.path('Cargo.lock'), other.path('Cargo.lock'));
  const [from, to] = [one, other].map(({ root }) => new Store(path.join(root, 'target'), 'dev').root);
  cpSync(from ?? '', to ?? '', { recursive: true });
});
afterEach(() => other.remove());
afterAll(() => {
  one.remove();
  rmSync(tools.folder, { recursive: true });
  rmSync(cargoHome, { recursive: true });
});

async function why(more: Partial<CaptureRequest> = {}): Promise<string> {
  const adoption = await adopt({ ...requestIn(other), ...more }, signal);
  return 'why' in adoption ? adoption.why : 'it was adopted';
}

describe('a clone that has the store of another one', () => {
  it('runs the image without a compile, and can compile against it', async () => {
    const adoption = await adopt(requestIn(other), signal);
    if ('why' in adoption) throw new Error(adoption.why);
    const { record } = adoption;
    expect(record.crates.map(({ name }) => name)).toEqual(['base', 'core_lib', 'app']);
    expect(record.image.path).toBe(other.path('target/debug/app'));
    expect(other.run(record.image.path)).toBe('1 119 3');
    const core = record.crates[1];
    expect(core?.sources).toContain(other.path('core_lib/src/lib.rs'));
    const rlib = (root: CargoWorkspace) => readFileSync(root.path(`target/debug/deps/lib${core?.id}.rlib`));
    expect(rlib(other).equals(rlib(one))).toBe(true);
  });

  it('adopts it a second time', async () => {
    expect(await why()).toBe('it was adopted');
    expect(await why()).toBe('it was adopted');
  });

  it('does not take a library that was damaged since it adopted the rest', async () => {
    expect(await why()).toBe('it was adopted');
    const store = new Store(other.path('target'), 'dev');
    const folder = path.join(store.crates('base'), readdirSync(store.crates('base'))[0] ?? '');
    const library = path.join(folder, 'rlib');
    writeFileSync(library, readFileSync(library).subarray(1));
    expect(await why()).toBe(`${library} is damaged`);
  });

  it.each([
    ['a source', () => other.edit('app/src/page.rs', '1', '3'), 'app/src/page.rs has changed'],
    ['an included file', () => other.write({ 'core_lib/text.txt': 'ho' }), 'core_lib/text.txt has changed'],
    ['a manifest', () => other.edit('app/Cargo.toml', '0.1.0', '0.2.0'), 'app/Cargo.toml has changed'],
    [
      'what a build script reads',
      () => other.write({ 'core_lib/seed.txt': '' }),
      'core_lib/seed.txt has changed',
    ],
    ['a proc macro', () => other.edit('mac/src/lib.rs', '10u32', '11u32'), 'mac/src/lib.rs has changed'],
    [
      'a new configuration of cargo',
      () => other.write({ '.cargo/config': '[build]\n' }),
      '.cargo/config has changed',
    ],
  ])('does not adopt it when %s is another', async (_what, change, reason) => {
    change();
    expect(await why()).toBe(`${other.root}/${reason}`);
  });

  it('takes no file and no folder through a link, whatever lies behind it', async () => {
    const store = new Store(other.path('target'), 'dev');
    const folder = store.crate('app', readdirSync(store.crates('app'))[0] ?? '');
    const unit = path.join(folder, firstBelow(folder, '.o'));
    const elsewhere = other.path('unit.o');
    renameSync(unit, elsewhere);
    symlinkSync(elsewhere, unit);
    expect(await why()).toBe(`${unit} is damaged`);
    rmSync(unit);
    renameSync(elsewhere, unit);
    const state = path.join(folder, 'state');
    renameSync(state, other.path('state'));
    symlinkSync(other.path('state'), state);
    expect(await why()).toContain(`${state}/`);
  });

  it('heeds what cargo is told at home about compiles, and nothing else', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hotpatch-cargo-home-'));
    const home = (text: string) => {
      writeFileSync(path.join(folder, 'config.toml'), text);
      return { env: { CARGO_HOME: folder } };
    };
    expect(await why(home('[net]\nretry = 3\n'))).toBe('it was adopted');
    expect(await why(home('[build]\nrustflags = ["-g"]\n'))).toBe(
      "cargo's configuration outside of the workspace is another",
    );
    rmSync(folder, { recursive: true });
  });

  it('does not adopt it for another request, other flags or another toolchain', async () => {
    expect(await why({ features: ['more'] })).toBe('it was built with other options');
    expect(await why({ env: { RUSTFLAGS: '-Cdebug-assertions=off' } })).toBe(
      'variables that cargo heeds have other values',
    );
    const rustc = other.path('rustc');
    writeFileSync(rustc, '#!/bin/sh\n[ "$1" = -vV ] && echo rustc 1.0.0 || exec rustc "$@"\n');
    chmodSync(rustc, 0o755);
    expect(await why({ env: { RUSTC: rustc } })).toBe('the Rust toolchain is another');
  });

  it.each(['image', 'image.json', 'unit', 'crate.json', 'third-party'])(
    'notices that the %s was damaged or exchanged, and uses nothing of it',
    async (what) => {
      const store = new Store(other.path('target'), 'dev');
      const [crate] = readdirSync(store.crates('app'));
      const folder = store.crate('app', crate ?? '');
      const files: Record<string, () => string> = {
        image: () => path.join(store.image('app', 'app'), 'image'),
        'image.json': () => path.join(store.image('app', 'app'), 'image.json'),
        unit: () => path.join(folder, firstBelow(folder, '.o')),
        'crate.json': () => path.join(folder, 'crate.json'),
        'third-party': () =>
          path.join(store.thirdParty('app', 'app'), firstBelow(store.thirdParty('app', 'app'), '.rlib')),
      };
      const file = files[what]?.() ?? '';
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.subarray(0, bytes.length - 7));
      expect(await why()).toMatch(/is damaged|is of another build|for this place/);
    },
  );
});

describe('an image of one of several programs', () => {
  afterAll(async () => {
    await publish(one, await capture(requestIn(one), signal));
  });

  it('serves a clone whose package was compiled for another program', async () => {
    const [store, copy] = [one, other].map(({ root }) => new Store(path.join(root, 'target'), 'dev'));
    rmSync(store?.crates('app') ?? '', { recursive: true });
    const record = await capture(requestIn(one), signal);
    const toolchain = readToolchain(one.root, process.env);
    const places = placesOf(one.root, toolchain, process.env);
    expect(await publishImage(record, requestIn(one), 'app', { places, toolchain })).toBe(true);
    rmSync(copy?.root ?? '', { recursive: true });
    cpSync(store?.root ?? '', copy?.root ?? '', { recursive: true });
    expect(await why()).toBe('it was adopted');
  });
});

describe('a build of which the store has a part', () => {
  /** What rustc compiled into the incremental folders of the clone; a crate that was served is not among them. */
  const sessions = (id: string) => {
    const folder = new HotpatchFolder(other.path('target')).incremental(id);
    return readdirSync(folder, { recursive: true }).filter((name) =>
      /\/s-[^/]*(?<!lock)$/.test(String(name)),
    );
  };

  it('compiles only what is another, and that from the state of the store', async () => {
    other.edit('app/src/page.rs', '1', '3');
    const record = await capture(requestIn(other), signal);
    expect(other.run(record.image.path)).toBe('3 119 3');
    const [base, core, app] = record.crates;
    const made = (await adoptedBefore()).map(({ state }) => path.basename(state));
    // A served crate has the session of the store; rustc adds one of its own.
    expect([base, core].map((crate) => path.basename(crate?.state ?? ''))).toEqual(made.slice(0, 2));
    expect(path.basename(app?.state ?? '')).not.toBe(made[2]);
    expect(sessions(base?.id ?? '')).toHaveLength(1);
    expect(record.crates.map(({ sources }) => sources.every((file) => file.startsWith(other.root)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('compiles a library whose sources are another, and what depends on it', async () => {
    other.edit('base/src/lib.rs', '* 2', '* 3');
    const record = await capture(requestIn(other), signal);
    expect(other.run(record.image.path)).toBe('1 121 3');
  });
});

describe('what is from elsewhere', () => {
  const library = (root: CargoWorkspace) =>
    root.path(`target/debug/deps/${firstBelow(root.path('target/debug/deps'), '.rlib', 'libtally')}`);
  const edited = async () => {
    other.edit('app/src/page.rs', '1', '3');
    const told: string[] = [];
    const { image } = await capture(requestIn(other), signal, (line) => told.push(line));
    return { told, prints: other.run(image.path) };
  };

  it('is not compiled, and its build scripts do not run, in a clone whose own sources are others', async () => {
    expect(await edited()).toEqual({ told: [], prints: '3 119 3' });
    const store = new Store(other.path('target'), 'dev').thirdParty('app', 'app');
    const stored = path.join(store, firstBelow(store, '.rlib', 'libtally'));
    expect(statSync(library(other)).ino).toBe(statSync(stored).ino);
    // Nor does cargo on its own: it shares them.
    expect(other.build()).not.toContain('tally');
  });

  describe('in a clone with another cargo home', () => {
    const home = `${cargoHome}-2`;
    const here = () => ({ ...requestIn(other), env: { CARGO_HOME: home } });
    const inodes = () => {
      const store = new Store(other.path('target'), 'dev').thirdParty('app', 'app');
      return [library(other), path.join(store, firstBelow(store, '.rlib', 'libtally'))].map(
        (file) => statSync(file).ino,
      );
    };
    beforeEach(() => {
      cpSync(cargoHome, home, { recursive: true });
      other.edit('.cargo/config.toml', cargoHome, home);
      other.edit('app/src/page.rs', '1', '3');
    });
    afterEach(() => rmSync(home, { recursive: true }));

    it('is not compiled either', async () => {
      const { image } = await capture(here(), signal);
      expect(other.run(image.path)).toBe('3 119 3');
      const [made, stored] = inodes();
      expect(made).toBe(stored);
      // For cargo it is fresh from then on.
      expect(other.build({ CARGO_HOME: home })).not.toContain('tally');
    });

    it.each([
      ['leaves', { TALLY_LEAVES: ' + 1' }, '3 119 4'],
      ['says', { TALLY_SAYS: 'cargo:rustc-cfg=x' }, '3 119 3'],
    ])('is compiled when its build script %s something else', async (_what, variables, prints) => {
      const request = { ...here(), env: { ...here().env, ...variables } };
      const { image } = await capture(request, signal);
      expect(other.run(image.path)).toBe(prints);
      const [made, stored] = inodes();
      expect(made).not.toBe(stored);
    });
  });

  it('is compiled when it lies in the clone, where somebody may have edited it', async () => {
    const [from, to] = [new CargoWorkspace(), new CargoWorkspace()];
    try {
      await publish(from, await capture(requestIn(from), signal));
      cpSync(from.path('Cargo.lock'), to.path('Cargo.lock'));
      const [made, taken] = [from, to].map((each) => new Store(each.path('target'), 'dev').root);
      cpSync(made ?? '', taken ?? '', { recursive: true });
      to.edit('vendor/tally/src/lib.rs', 'n.count_ones()', 'n.count_ones() + 1');
      const { image } = await capture(requestIn(to), signal);
      expect(to.run(image.path)).toBe('1 119 4');
    } finally {
      from.remove();
      to.remove();
    }
  });

  it('is compiled when it is damaged, which is told', async () => {
    const store = new Store(other.path('target'), 'dev').thirdParty('app', 'app');
    const stored = path.join(store, firstBelow(store, '.rlib', 'libtally'));
    writeFileSync(stored, readFileSync(stored).subarray(9));
    expect(await edited()).toEqual({
      told: [`! ${stored} is damaged: what it is a part of is made anew`],
      prints: '3 119 3',
    });
  });

  it('is compiled when a link stands in its place', async () => {
    const store = new Store(other.path('target'), 'dev').thirdParty('app', 'app');
    const stored = path.join(store, firstBelow(store, '.rlib', 'libtally'));
    renameSync(stored, other.path('elsewhere'));
    symlinkSync(other.path('elsewhere'), stored);
    expect(await edited()).toEqual({
      told: [`! ${stored} is damaged: what it is a part of is made anew`],
      prints: '3 119 3',
    });
  });

  it.each([
    ['a path outside of the target folder', 'debug/deps/libtally', '../app/src/libtally'],
    ['a path that cargo has no libraries at', 'debug/deps/libtally', 'hotpatch/bin-4/libtally'],
    ['a link that leads out', '"more.rs"', '"../../../../../app/src/main.rs"'],
  ])('is compiled when its entry names %s', async (_what, from, to) => {
    const file = path.join(
      new Store(other.path('target'), 'dev').thirdParty('app', 'app'),
      'third-party.json',
    );
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(file, text.replaceAll(from, to));
    const before = readdirSync(other.path('app/src'));
    expect(await edited()).toEqual({ told: [], prints: '3 119 3' });
    expect(readdirSync(other.path('app/src'))).toEqual(before);
  });
});

/** The crates as the first clone recorded them. */
async function adoptedBefore(): Promise<BuildRecord['crates']> {
  return (await capture(requestIn(one), signal)).crates;
}

describe('an entry that names files outside of the target folder', () => {
  it('is not adopted', async () => {
    const file = path.join(new Store(other.path('target'), 'dev').image('app', 'app'), 'image.json');
    const entry = readFileSync(file, 'utf8');
    writeFileSync(file, entry.replaceAll('target/debug/app"', 'target/../app/src/main.rs"'));
    expect(await why()).toBe(
      `it names ${other.root}/target/../app/src/main.rs, where cargo puts no such thing`,
    );
  });
});

function firstBelow(folder: string, ending: string, part = ''): string {
  const found = (readdirSync(folder, { recursive: true }) as string[]).find(
    (name) => name.endsWith(ending) && name.includes(part),
  );
  if (found === undefined) throw new Error(`${folder} has no ${ending}`);
  return found;
}

it('has with an image the libraries that no code names yet, as they were then', async () => {
  const program = { 'app/src/main.rs': 'fn main() {}\n' };
  const made = new CargoWorkspace({ ...FILES, ...program });
  const clone = new CargoWorkspace({ ...FILES, ...program });
  try {
    const built = await capture(requestIn(made), signal);
    expect(await publish(made, built)).toBe(true);
    cpSync(made.path('Cargo.lock'), clone.path('Cargo.lock'));
    const store = 'target/hotpatch/store';
    cpSync(made.path(store), clone.path(store), { recursive: true });
    const adopted = await adopt(requestIn(clone), signal);
    if ('why' in adopted) throw new Error(adopted.why);
    const { record } = adopted;
    expect(record.crates.map(({ id }) => id)).toEqual(built.crates.map(({ id }) => id));
    expect(record.image.crates).toEqual([built.image.crate]);
    for (const { units } of record.crates) expect(readdirSync(units).length).toBeGreaterThan(0);
    expect(record.manifests).not.toContain(clone.path('base/src/lib.rs'));
    clone.edit('base/src/lib.rs', 'x * 2', 'x * 3');
    expect(await adopt(requestIn(clone), signal)).toMatchObject({
      why: `${clone.path('base/src/lib.rs')} has changed`,
    });
  } finally {
    made.remove();
    clone.remove();
  }
});
