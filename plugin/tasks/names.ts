/** Names of the targets, as the user's options have them. */
export interface TaskNames {
  readonly hotpatch: string;
  readonly codegen: string;
  /** The unit task of each slot has `--` and the slot after it; `s` after it is the name of all of them together. */
  readonly unit: string;
  readonly thirdParty: string;
  readonly image: string;
  readonly patch: string;
}

/** Options of the plugin that name targets. */
export interface TargetNameOptions {
  /** Name of the target that runs and patches a program. Default: `hotpatch`. */
  readonly targetName?: string;
  /** Name of the target that compiles a package. Default: `hotpatch-codegen`. */
  readonly codegenTargetName?: string;
  /** Name of the targets that index a package's units, without the slot. Default: `hotpatch-unit`. */
  readonly unitTargetName?: string;
  /** Name of the target that builds what a program needs from elsewhere. Default: `hotpatch-third-party`. */
  readonly thirdPartyTargetName?: string;
  /** Name of the target that links a program. Default: `hotpatch-image`. */
  readonly imageTargetName?: string;
  /** Name of the target that makes one patch as a file. Default: `hotpatch-patch`. */
  readonly patchTargetName?: string;
}

/** @throws Error when a name is not one of ours, or is given twice */
export function taskNames(options: TargetNameOptions): TaskNames {
  const chosen = {
    targetName: options.targetName ?? 'hotpatch',
    codegenTargetName: options.codegenTargetName ?? 'hotpatch-codegen',
    unitTargetName: options.unitTargetName ?? 'hotpatch-unit',
    thirdPartyTargetName: options.thirdPartyTargetName ?? 'hotpatch-third-party',
    imageTargetName: options.imageTargetName ?? 'hotpatch-image',
    patchTargetName: options.patchTargetName ?? 'hotpatch-patch',
  };
  const owner = new Map<string, string>();
  for (const [option, name] of Object.entries(chosen)) {
    if (!name.startsWith('hotpatch')) {
      throw new Error(
        `The option ${option} of nx-hotpatch in nx.json is '${name}': use a name that starts with 'hotpatch', which no other plugin claims.`,
      );
    }
    const other = owner.get(name);
    if (other !== undefined) {
      throw new Error(
        `The options ${other} and ${option} of nx-hotpatch in nx.json are both '${name}': give each target a name of its own.`,
      );
    }
    owner.set(name, option);
  }
  return {
    hotpatch: chosen.targetName,
    codegen: chosen.codegenTargetName,
    unit: chosen.unitTargetName,
    thirdParty: chosen.thirdPartyTargetName,
    image: chosen.imageTargetName,
    patch: chosen.patchTargetName,
  };
}
