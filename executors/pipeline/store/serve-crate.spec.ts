import { rmSync } from 'node:fs';
import { capture } from '../capture/capture';
import { readToolchain } from '../capture/toolchain';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { placesOf } from './portable';
import { publishCrates } from './publish-crates';

jest.setTimeout(120_000);

const tools = makeBuildTools();
let workspace: CargoWorkspace;

afterEach(() => workspace.remove());
afterAll(() => rmSync(tools.folder, { recursive: true }));

it('is not served with the C library of before', async () => {
  workspace = new CargoWorkspace({
    'base/c/twice.c': 'unsigned in_c(unsigned x) { return x * 2; }\n',
    'base/build.rs': `use std::process::Command;
fn main() {
    println!("cargo:rerun-if-changed=c");
    let out = std::env::var("OUT_DIR").unwrap();
    let object = format!("{out}/twice.o");
    let archive = format!("{out}/libtwice.a");
    let _ = std::fs::remove_file(&archive);
    assert!(Command::new("cc").args(["-c", "c/twice.c", "-o", &object]).status().unwrap().success());
    assert!(Command::new("ar").args(["rcD", &archive, &object]).status().unwrap().success());
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=twice");
}
`,
    'base/src/lib.rs':
      'extern "C" { fn in_c(x: u32) -> u32; }\npub fn twice(x: u32) -> u32 { unsafe { in_c(x) } }\n',
  });
  expect(await built()).toBe('1 119 3');
  expect(await built()).toBe('1 119 3');
  workspace.edit('base/c/twice.c', 'x * 2', 'x * 3');
  expect(await built()).toBe('1 121 3');
});

/** What the program prints, built from the store and put into it. */
async function built(): Promise<string> {
  const { root } = workspace;
  const request = { cwd: root, workspaceRoot: root, package: 'app', ...tools };
  const record = await capture(request, new AbortController().signal);
  const places = placesOf(root, readToolchain(root, process.env), process.env);
  await publishCrates([record], { slotsOf: () => 2, places });
  return workspace.run(record.image.path);
}
