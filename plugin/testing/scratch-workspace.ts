import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  AggregateCreateNodesError,
  CreateDependenciesContext,
  CreateNodesContext,
  ProjectConfiguration,
} from '@nx/devkit';
import { createDependencies } from '../dependencies';
import { createNodes } from '../nodes';
import type { HotpatchPluginOptions } from '../options';

/** A workspace in a temporary folder, with the `cargo` on the PATH counted. */
export class ScratchWorkspace {
  readonly root = mkdtempSync(path.join(tmpdir(), 'hotpatch-plugin-'));
  private readonly bin = mkdtempSync(path.join(tmpdir(), 'hotpatch-bin-'));
  private readonly calls = path.join(this.bin, 'calls');
  private readonly path = process.env.PATH ?? '';
  private readonly manifests = new Set<string>();

  constructor(files: Readonly<Record<string, string>>) {
    const real = this.path.split(':').map((folder) => path.join(folder, 'cargo'));
    const cargo = real.find((file) => existsSync(file));
    if (cargo === undefined) throw new Error('These tests need cargo on the PATH.');
    writeFileSync(
      path.join(this.bin, 'cargo'),
      `#!/bin/sh\necho "$@" >> '${this.calls}'\nexec '${cargo}' "$@"\n`,
    );
    chmodSync(path.join(this.bin, 'cargo'), 0o755);
    process.env.PATH = `${this.bin}:${this.path}`;
    this.write(files);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries(files)) {
      const absolute = path.join(this.root, file);
      mkdirSync(path.dirname(absolute), { recursive: true });
      writeFileSync(absolute, text);
      if (path.basename(file) === 'Cargo.toml') this.manifests.add(file);
    }
  }

  /** How often cargo ran so far. */
  cargoRuns(): number {
    return existsSync(this.calls) ? readFileSync(this.calls, 'utf8').split('\n').length - 1 : 0;
  }

  /** From here on there is no cargo. */
  removeCargo(): void {
    process.env.PATH = '/nowhere';
  }

  /** The projects that Nx would get, by folder; of the manifests that nx.json leaves over. */
  async projects(
    options?: HotpatchPluginOptions,
    isLeft: (manifest: string) => boolean = () => true,
  ): Promise<Record<string, ProjectConfiguration>> {
    const context: CreateNodesContext = { nxJsonConfiguration: {}, workspaceRoot: this.root };
    const results = await createNodes[1]([...this.manifests].filter(isLeft), options, context);
    return Object.assign({}, ...results.map(([, result]) => result.projects));
  }

  /** The projects and errors when some manifest is broken. */
  async brokenProjects(): Promise<AggregateCreateNodesError> {
    return this.projects().then(
      () => Promise.reject(new Error('Every manifest was read.')),
      (error: AggregateCreateNodesError) => error,
    );
  }

  /** Project names in the order of their folders. */
  async names(options?: HotpatchPluginOptions): Promise<readonly (string | undefined)[]> {
    const projects = await this.projects(options);
    return Object.keys(projects)
      .sort()
      .map((folder) => projects[folder]?.name);
  }

  /** `source -> target` of every dependency that Nx would get, in order. */
  async edges(
    options?: HotpatchPluginOptions,
    isLeft?: (manifest: string) => boolean,
  ): Promise<readonly string[]> {
    const projects = Object.values(await this.projects(options, isLeft));
    const byName = Object.fromEntries(projects.map((project) => [project.name ?? '', project]));
    const fileMap = {
      projectFileMap: Object.fromEntries(
        projects.map(({ name, root }) => [name, [{ file: path.posix.join(root, 'Cargo.toml'), hash: '' }]]),
      ),
      nonProjectFiles: [...this.manifests].map((file) => ({ file, hash: '' })),
    };
    const context: CreateDependenciesContext = {
      externalNodes: {},
      projects: byName,
      nxJsonConfiguration: {},
      fileMap,
      filesToProcess: fileMap,
      workspaceRoot: this.root,
    };
    const edges = await createDependencies(options, context);
    return edges.map(({ source, target }) => `${source} -> ${target}`).sort();
  }

  remove(): void {
    process.env.PATH = this.path;
    rmSync(this.root, { recursive: true });
    rmSync(this.bin, { recursive: true });
  }
}

/** A manifest of a package, with whatever else it should say. */
export function packageManifest(name: string, rest = ''): string {
  return `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${rest}`;
}
