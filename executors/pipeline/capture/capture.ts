import type { BuildRecord, CaptureRequest } from '../artifacts';
import { placesOf } from '../store/portable';
import { restoreThirdParty } from '../store/restore-third-party';
import { Store } from '../store/store';
import { cargoBuildArguments, profileOf } from './cargo-build';
import { readWorkspace } from './cargo-metadata';
import { chooseExecutable, type Executable } from './executable';
import { type BuildOrder, recordedBuild } from './recorded-build';
import { readToolchain } from './toolchain';

/**
 * Builds the program with cargo, once, in the user's own target folder, and tells how each crate of the workspace was
 * compiled and the image linked.
 *
 * Third-party crates are those of an ordinary `cargo build`, in both directions: cargo gives wrapped crates file names
 * of their own and wraps members of the workspace only.
 *
 * @param tell takes a line about what a person should know
 * @param says takes what cargo says on its error output, in place of the terminal
 * @throws Refusal no-rust-toolchain, no-c-compiler, which-executable, lto, static-image, build-failed
 * @throws the signal's reason when aborted
 */
export async function capture(
  request: CaptureRequest,
  signal: AbortSignal,
  tell: (line: string) => void = () => {},
  says?: (text: string) => void,
): Promise<BuildRecord> {
  const env = { ...process.env, ...request.env };
  const workspace = await readWorkspace(request, env, signal);
  const executable = chooseExecutable(request, workspace);
  const toolchain = readToolchain(request.cwd, env);
  const thirdParty = bringThirdParty({ request, env, workspace, toolchain }, executable, tell);
  const [record] = await recordedBuild(
    {
      request,
      env,
      workspace,
      toolchain,
      ...(thirdParty !== undefined && { thirdParty }),
      ...(says !== undefined && { says }),
      args: cargoBuildArguments(request, executable),
      name: executable.name,
      executables: ({ artifacts }) =>
        artifacts
          .filter(
            (made) =>
              !made.test &&
              made.package === executable.package.id &&
              made.name === executable.name &&
              made.kind.includes(executable.kind),
          )
          .flatMap((made) => made.executable ?? made.files.filter((file) => file.endsWith('.so'))),
    },
    signal,
  );
  if (record === undefined) throw new Error(`cargo built ${executable.name} and does not say where it is.`);
  return record;
}

/**
 * Brings the crates from elsewhere that the store has to where cargo finds them.
 *
 * @returns the store's folder from which they are to be taken one by one, where cargo would not
 */
function bringThirdParty(
  { request, env, workspace, toolchain }: Pick<BuildOrder, 'request' | 'env' | 'workspace' | 'toolchain'>,
  executable: Executable,
  tell: (line: string) => void,
): string | undefined {
  if (request.workspaceRoot === undefined) return undefined;
  const places = placesOf(request.workspaceRoot, toolchain, env);
  const here = { targetDir: workspace.targetDir, places, toolchain };
  // Programs of one package share nearly everything.
  const store = new Store(workspace.targetDir, profileOf(request));
  const folders = store.allThirdParty(executable.package.name);
  const restored = folders.map((folder) => ({ folder, ...restoreThirdParty(folder, here) }));
  for (const file of restored.flatMap(({ damaged }) => damaged))
    tell(`! ${file} is damaged: what it is a part of is made anew`);
  const own = store.thirdParty(executable.package.name, executable.name);
  const elsewhere = restored.filter((each) => each.elsewhere).map(({ folder }) => folder);
  return elsewhere.includes(own) ? own : elsewhere[0];
}
