/** A table of a TOML file. */
export type Table = Readonly<Record<string, unknown>>;

/** As cargo spells it (src/cargo/core/profiles.rs). `false` is thin LTO among a crate's own units. */
const OFF: ReadonlySet<unknown> = new Set([false, 'off', 'n', 'no', 'none']);

/** Whether a profile asks for link-time optimisation among crates, itself or by the profile that it inherits from. */
export function asksForLto(profiles: Table, name: string, seen: readonly string[] = []): boolean {
  const { lto, inherits } = tableAt(profiles, name) ?? {};
  if (lto !== undefined) return !OFF.has(lto);
  // A circle is cargo's to refuse.
  return (
    typeof inherits === 'string' &&
    !seen.includes(inherits) &&
    asksForLto(profiles, inherits, [...seen, name])
  );
}

export function tableAt(table: Table, key: string): Table | undefined {
  const value = table[key];
  return typeof value === 'object' && value !== null ? (value as Table) : undefined;
}
