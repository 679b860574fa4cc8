import path from 'node:path';
import type { Own } from './executed';

/**
 * Variables that make a compiler, what it starts, or the dynamic linker load or execute something. Of cargo's own those that
 * it reads; what it sets for a crate (`CARGO_PKG_*`, `CARGO_MANIFEST_DIR`, ...) and what build scripts set for the code is
 * none of them.
 */
const LOADING = [
  // ld.so(8), and what the C library loads
  /^(LD_|GCONV_PATH$|GLIBC_TUNABLES$|LOCPATH$|NLSPATH$|MALLOC_)/,
  // shells, interpreters and tools that wrappers and proc macros start
  /^(PATH|HOME|ENV|IFS|TMPDIR|SHELLOPTS|BASHOPTS|CDPATH)$/,
  /^(BASH_|NODE_|NPM_CONFIG_|PYTHON|PERL|RUBY|JAVA_TOOL|_JAVA|SCCACHE_|CCACHE_|GCC_|COMPILER_PATH)/i,
  /^GIT_(SSH|EXEC|EXTERNAL|EDITOR|PAGER|CONFIG|ASKPASS|PROXY|DIR$|WORK_TREE$|TEMPLATE)/,
  // rustc, rustup and cargo
  /^(RUSTC|RUSTDOC|RUSTFLAGS|RUST_(?!RECURSION_COUNT$)|RUSTUP_)/,
  /^CARGO_(BUILD|ALIAS|ENCODED|SOURCE|REGISTRY|REGISTRIES|CREDENTIAL|UNSTABLE|INSTALL)(_|$)/,
  /^CARGO_TARGET_.*(LINKER|RUNNER|RUSTFLAGS)$/,
];

/** Of those, the ones that cargo and rustup set for every compile, and what each may be. */
const SET: Readonly<Record<string, (value: string, own: Own) => boolean>> = {
  LD_LIBRARY_PATH: (value, { places, targetDir, env }) => {
    const present = (env.LD_LIBRARY_PATH ?? '').split(':');
    const lies = (folder: string) => [targetDir, places.sysroot].some((own) => folder.startsWith(`${own}/`));
    return value
      .split(':')
      .every(
        (folder) =>
          folder === '' || present.includes(folder) || (lies(folder) && path.resolve(folder) === folder),
      );
  },
  RUSTUP_HOME: (value, { places }) => value === places.rustupHome,
  // A toolchain that is installed. rustup takes a path too.
  RUSTUP_TOOLCHAIN: (value) => /^[\w.-]+$/.test(value),
  RUSTUP_TOOLCHAIN_SOURCE: () => true,
  CARGO_HOME: (value, { places }) => value === places.cargoHome,
  // Proc macros start it.
  CARGO: (value, { places, env }) =>
    value === env.CARGO ||
    [places.sysroot, places.cargoHome].some((own) => value === path.join(own, 'bin/cargo')) ||
    /^\/usr\/(local\/)?bin\/cargo$/.test(value),
};

/** A variable of a record that would choose what is executed, with its value; undefined when there is none. */
export function foreignVariable(variables: Readonly<Record<string, string>>, own: Own): string | undefined {
  const wrong = Object.entries(variables).find(([name, value]) => {
    const may = Object.hasOwn(SET, name) ? SET[name] : undefined;
    return may ? !may(value, own) : LOADING.some((names) => names.test(name));
  });
  return wrong?.join('=');
}
