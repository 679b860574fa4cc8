import type { ExecutorContext } from '@nx/devkit';
import type { TaskBuild } from '../tasks/build';
import { unlistedInputs } from './unlisted-inputs';

/** The named inputs that the plugin gives every project with these tasks; the second is the project.json's to fill. */
const SOURCES = 'hotpatchSources';
const MORE = 'hotpatchMore';

/** Says what the crates of a project read that Nx does not hash, and how to list it; nothing when there is nothing. */
export function tellUnlisted(
  project: string,
  builds: readonly Pick<TaskBuild, 'record'>[],
  { projectGraph: { nodes }, root }: Pick<ExecutorContext, 'projectGraph' | 'root'>,
): string {
  const data = nodes[project]?.data;
  const pkg = Object.values(data?.targets ?? {}).find(({ executor }) => executor === 'nx-hotpatch:codegen')
    ?.options.package;
  if (data === undefined || pkg === undefined) return '';
  const nested = Object.values(nodes)
    .map((other) => other.data.root)
    .filter((folder) => folder !== data.root && (data.root === '.' || folder.startsWith(`${data.root}/`)));
  const inputs = [SOURCES, MORE].flatMap((name) => data.namedInputs?.[name] ?? []);
  const unlisted = builds.flatMap(({ record: { crates, targetDir } }) =>
    unlistedInputs(
      crates.filter(({ env }) => env.CARGO_PKG_NAME === pkg),
      { root, folder: data.root, nested, inputs, targetDir },
    ),
  );
  return [...new Set(unlisted)]
    .map((name) => {
      const input = name.includes('/') ? `"{workspaceRoot}/${name}"` : `{ "env": "${name}" }`;
      const remedy = name.startsWith('/')
        ? 'it lies outside of the workspace, where Nx sees no change: move it into the workspace'
        : `list ${input} in namedInputs.${MORE} of ${data.root}/project.json`;
      return `! ${pkg} reads ${name}, and a change of it is no cache miss: ${remedy}.\n`;
    })
    .join('');
}
