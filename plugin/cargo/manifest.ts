import { parse } from 'smol-toml';

/** A TOML table of which nothing is known: every read is checked. */
export type Table = Readonly<Record<string, unknown>>;

/** A parsed Cargo.toml and where it lies. */
export interface Manifest {
  /** Relative to the Nx root, with `/`; `.` is the root. */
  readonly folder: string;
  readonly table: Table;
  /** Present when the manifest defines a package (it does not when it is virtual). */
  readonly package: Table | undefined;
  readonly name: string | undefined;
  /** Present when the manifest is the root of a Cargo workspace. */
  readonly workspace: Table | undefined;
}

/** @throws Error when `text` is not TOML: the message names line and column. */
export function parseManifest(folder: string, text: string): Manifest {
  const table = parse(text);
  // `[project]` is the name that cargo had for `[package]` before 1.0; it is read until edition 2024.
  const pkg = tableAt(table, 'package') ?? tableAt(table, 'project');
  return { folder, table, package: pkg, name: stringAt(pkg, 'name'), workspace: tableAt(table, 'workspace') };
}

export function tableAt(table: Table | undefined, key: string): Table | undefined {
  const value = table?.[key];
  return isTable(value) ? value : undefined;
}

export function stringAt(table: Table | undefined, key: string): string | undefined {
  const value = table?.[key];
  return typeof value === 'string' ? value : undefined;
}

export function stringsAt(table: Table | undefined, key: string): readonly string[] {
  const value = table?.[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function tablesAt(table: Table | undefined, key: string): readonly Table[] {
  const value = table?.[key];
  return Array.isArray(value) ? value.filter(isTable) : [];
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
