import type { BuildRecord, CaptureRequest } from '../artifacts';
import { Refusal } from '../refusal';
import { type CargoArtifact, type CargoBuild, cargoTestArguments } from './cargo-build';
import { readWorkspace } from './cargo-metadata';
import { recordedBuild } from './recorded-build';
import { readToolchain } from './toolchain';

/** One test executable of a package: the unit tests of a library or program, or a file under `tests/`. */
export interface TestProgram {
  /** `<kind> <target>`, as `lib semver` or `test parsing`: the same in every build of the package. */
  readonly name: string;
  readonly record: BuildRecord;
}

/**
 * Builds the test programs of one package, as `cargo test --no-run` does, ready for patching each; one that does not
 * compile is left out.
 * `bin` and `example` of the request are not looked at.
 *
 * @throws Refusal as `capture` does, but for `which-executable`; `build-failed` also when there is no such package
 * @throws the signal's reason when aborted
 */
export async function captureTests(
  request: CaptureRequest,
  signal: AbortSignal,
): Promise<readonly TestProgram[]> {
  const env = { ...process.env, ...request.env };
  const workspace = await readWorkspace(request, env, signal);
  const found = workspace.packages.filter(({ name, id }) =>
    request.package === undefined
      ? workspace.defaultMembers.includes(id)
      : name === request.package || id === request.package,
  );
  const [tested] = found;
  if (tested === undefined || found.length > 1) {
    const among = (found.length > 0 ? found : workspace.packages).map(({ name }) => name).join(', ');
    throw new Refusal([
      {
        code: 'build-failed',
        subject: request.package ?? request.cwd,
        message: `${request.package ?? request.cwd} does not name one package; the workspace has ${among}.`,
        remedy: 'Name one with --package.',
      },
    ]);
  }
  const names: string[] = [];
  const records = await recordedBuild(
    {
      request,
      env,
      workspace,
      toolchain: readToolchain(request.cwd, env),
      args: cargoTestArguments(request, tested.id),
      name: tested.name,
      partly: true,
      executables: (build) => {
        const programs = testPrograms(build, tested.id);
        names.splice(0, Infinity, ...programs.map(({ kind, name }) => `${kind[0]} ${name}`));
        return programs.flatMap(({ executable }) => executable ?? []);
      },
    },
    signal,
  );
  return records.map((record, at) => ({ name: names[at] ?? record.image.crate, record }));
}

function testPrograms({ artifacts }: CargoBuild, packageId: string): readonly CargoArtifact[] {
  return artifacts.filter((made) => made.test && made.executable !== null && made.package === packageId);
}
