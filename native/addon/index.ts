import { prebuiltFile, REBUILD } from './prebuilt';

/** What one request to the engine gives: the reply, and bytes where the operation makes a file. */
export interface EngineReply {
  readonly reply: unknown;
  readonly bytes?: Buffer;
}

/** The engine. State that outlives a call stays in it, named by integer handles in requests and replies. */
export interface EngineBinding {
  /**
   * Runs one request on a worker thread; several may run at a time. The operations and their fields are typed in
   * `executors/pipeline/engine.ts`, the plugin's one in `plugin/tasks/source-stamps.ts`.
   *
   * @throws Error (rejects) with the engine's sentence when it could not do what was asked.
   */
  call(request: object): Promise<EngineReply>;
}

/** The face of `binding.cc`. */
interface Addon {
  call(request: string): Promise<{ readonly json: string; readonly bytes?: Buffer }>;
}

let loaded: EngineBinding | undefined;

/**
 * The engine of this process, loaded at the first call.
 *
 * @throws Error with one sentence when the prebuilt addon is missing or does not load on this machine.
 */
export function engine(): EngineBinding {
  loaded ??= bind(loadAddon(prebuiltFile('hotpatch.node')));
  return loaded;
}

/**
 * Absolute path of the library that is linked into the program.
 *
 * @throws Error with one sentence when it is missing.
 */
export function loaderLibraryPath(): string {
  return prebuiltFile('libnx_hotpatch_loader.so');
}

/**
 * Absolute path of the program that runs another where the workspace lies at the same path in every clone.
 *
 * @throws Error with one sentence when it is missing.
 */
export function samePathProgram(): string {
  return prebuiltFile('nx-hotpatch-same-path');
}

/**
 * Absolute path of the object that is linked into a shared library which another program loads.
 *
 * @throws Error with one sentence when it is missing.
 */
export function announcementPath(): string {
  return prebuiltFile('nx_hotpatch_announce.o');
}

function bind(addon: Addon): EngineBinding {
  return {
    async call(request) {
      const { json, bytes } = await addon.call(JSON.stringify(request));
      const reply: unknown = JSON.parse(json);
      return bytes === undefined ? { reply } : { reply, bytes };
    },
  };
}

function loadAddon(file: string): Addon {
  try {
    // `process.dlopen` rather than `require`: bundlers and test runners replace `require`, and know no .node files.
    const module = { exports: {} as Addon };
    process.dlopen(module, file);
    return module.exports;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`nx-hotpatch cannot load ${file} (${cause}): ${REBUILD}.`, { cause: error });
  }
}
