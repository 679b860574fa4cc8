/** What a value that came as JSON has to be. Nothing that a loader says is used before it was held against one of these. */
export type Shape = Kind | Fields | ListOf;

/** What `kindOf` answers, or several such with `|` between them. */
export type Kind = string;

export interface Fields {
  readonly [field: string]: Shape;
}

/** Every element has the shape. */
export class ListOf {
  constructor(readonly element: Shape) {}
}

/** Where `value` is not as `shape` says (`window.size`, `functions.0.symbol`); undefined when all of it is. */
export function mismatch(value: unknown, shape: Shape): string | undefined {
  const path = pathOfMismatch(value, shape);
  return path === undefined ? undefined : path.join('.') || '(all)';
}

function pathOfMismatch(value: unknown, shape: Shape): readonly string[] | undefined {
  if (typeof shape === 'string') return shape.split('|').includes(kindOf(value)) ? undefined : [];
  if (kindOf(value) !== (shape instanceof ListOf ? 'array' : 'object')) return [];
  const parts = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(shape instanceof ListOf ? parts : shape)) {
    const wanted = shape instanceof ListOf ? shape.element : (shape[name] as Shape);
    const inner = pathOfMismatch(Object.hasOwn(parts, name) ? parts[name] : undefined, wanted);
    if (inner !== undefined) return [name, ...inner];
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Number.isSafeInteger(value)) return 'integer';
  // JSON has no infinity, but numbers that are read as one.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'infinite';
  return Array.isArray(value) ? 'array' : typeof value;
}
