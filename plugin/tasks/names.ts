/** Each target by the word that its option `<word>TargetName` starts with, and its name by default. */
const TARGETS = {
  /** Runs and patches a program. */
  hotpatch: 'hotpatch',
  /** Compiles a package. */
  codegen: 'hotpatch-codegen',
  /** Index a package's units: `--` and the slot stand after it; `s` after it is the name of all of them together. */
  unit: 'hotpatch-unit',
  /** Builds what a program needs from elsewhere. */
  thirdParty: 'hotpatch-third-party',
  /** Links a program. */
  image: 'hotpatch-image',
  /** Stands for the files of a Cargo workspace that belong to no project. */
  workspace: 'hotpatch-workspace',
  /** Finds what a patch starts from. */
  base: 'hotpatch-base',
  /** Makes one patch as a file. */
  patch: 'hotpatch-patch',
  /** Tells the session that runs a program something. */
  tell: 'hotpatch-tell',
} as const;

/** Targets that no other target depends on: each can be left out by itself. */
const LEAVES = ['hotpatch', 'patch', 'tell'] as const;

type TaskKind = keyof typeof TARGETS;

/** Names of the targets, as the user's options have them. */
export type TaskNames = Readonly<Record<TaskKind, string>>;

/** Options of the plugin that name targets; `false` leaves a target out. */
export type TargetNameOptions = {
  readonly [Kind in TaskKind as `${Kind}TargetName`]?:
    | string
    | (Kind extends (typeof LEAVES)[number] ? false : never);
};

const kinds = Object.keys(TARGETS) as TaskKind[];

export const TARGET_NAME_OPTIONS = kinds.map(optionOf);

/** @throws Error when a name is not one of ours, or is given twice, or a target is left out that others need */
export function taskNames(options: TargetNameOptions): TaskNames {
  const owner = new Map<string, string>();
  const names = kinds.map((kind) => {
    const option = optionOf(kind);
    const name = nameOf(kind, options[option]);
    const other = owner.get(name);
    if (other !== undefined) {
      throw new Error(
        `The options ${other} and ${option} of nx-hotpatch in nx.json are both '${name}': give each target a name of its own.`,
      );
    }
    owner.set(name, option);
    return [kind, name];
  });
  return Object.fromEntries(names);
}

/** The names of the targets that the user wants none of. */
export function targetsLeftOut(options: TargetNameOptions): readonly string[] {
  const out = LEAVES.filter((kind) => options[optionOf(kind)] === false).map((kind) => TARGETS[kind]);
  // It is there for patches alone.
  return options.patchTargetName === false ? [...out, taskNames(options).base] : out;
}

/** Names of ours start with `hotpatch`, so that no target of another plugin or of a project.json is ever taken. */
function nameOf(kind: TaskKind, given: unknown): string {
  if (given === undefined) return TARGETS[kind];
  const isLeaf = (LEAVES as readonly string[]).includes(kind);
  if (given === false && isLeaf) return TARGETS[kind];
  if (typeof given === 'string' && /^hotpatch[\w-]*$/.test(given)) return given;
  const off = isLeaf ? 'false leaves the target out' : '`tasks: false` leaves all cached tasks out';
  throw new Error(
    `The option ${optionOf(kind)} of nx-hotpatch in nx.json is ${JSON.stringify(given)}: use a name that starts with 'hotpatch', which no other plugin claims; ${off}.`,
  );
}

function optionOf<Kind extends TaskKind>(kind: Kind): `${Kind}TargetName` {
  return `${kind}TargetName`;
}
