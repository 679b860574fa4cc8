#!/usr/bin/env node
/**
 * Builds what Node and the patched program load, into dist/native/linux-x64/:
 *   hotpatch.node              the engine (Rust, static) behind its Node-API binding (C++)
 *   libnx_hotpatch_loader.so   the library that is linked into the program
 *   nx-hotpatch-same-path      runs rustc where the workspace lies at the same path in every clone
 *   nx_hotpatch_announce.o     the object that is linked into a shared library which another program loads
 *
 * Runs in the repository (`npm run build:native`) and in an installed package (`npx nx-hotpatch-build`). No
 * node-gyp: the binding is one file, and the headers come from npm, so a plain compiler call is all there is to it.
 * Respects CARGO, CARGO_TARGET_DIR, CXX and CXXFLAGS.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const native = path.dirname(fileURLToPath(import.meta.url));
const output = path.join(native, '..', 'dist', 'native', 'linux-x64');
const targetDir = path.resolve(process.env.CARGO_TARGET_DIR ?? path.join(native, 'target'));
const cxx = process.env.CXX ?? 'c++';
const noCompiler = `There is no C++ compiler '${cxx}' on the PATH: install one (Debian: apt-get install g++), or set CXX, then run this again.`;

/** A failure that the user can act on: printed as one sentence, without a stack. */
class BuildError extends Error {}

/** Runs a tool with our stdio; `missing` and `failed` are the sentences for the two ways to fail. */
function run(tool, args, missing, failed, env = {}) {
  const { error, status } = spawnSync(tool, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error?.code === 'ENOENT') throw new BuildError(missing);
  if (error) throw new BuildError(`${tool} could not be started: ${error.message}.`);
  if (status !== 0) throw new BuildError(failed);
}

function buildRust() {
  const args = [
    'build',
    '--release',
    '--manifest-path',
    path.join(native, 'Cargo.toml'),
    '--target-dir',
    targetDir,
  ];
  const packages = ['-p', 'nx-hotpatch-abi', '-p', 'nx-hotpatch-loader', '-p', 'nx-hotpatch-same-path'];
  // An installed copy must build what was tested; in the repository a changed Cargo.toml updates the lock file.
  const locked = native.includes(`${path.sep}node_modules${path.sep}`) ? ['--locked'] : [];
  run(
    process.env.CARGO ?? 'cargo',
    [...args, ...packages, ...locked],
    'There is no cargo on the PATH: install Rust from https://rustup.rs, then run this again.',
    'The native part of nx-hotpatch did not build: see the message of cargo above.',
    // Debug information of std is nine tenths of the loader's file, and would travel in the package.
    { CARGO_PROFILE_RELEASE_STRIP: 'debuginfo' },
  );
}

/** True when `file` is older than one of its inputs, or absent. */
function isStale(file, inputs) {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return inputs.some((input) => statSync(input).mtimeMs > made);
}

/** A running Node or program may have the old file mapped: it keeps its inode, the new one gets the name. */
function replace(file, write) {
  const fresh = `${file}.${process.pid}.tmp`;
  try {
    write(fresh);
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function linkAddon() {
  const addon = path.join(output, 'hotpatch.node');
  const source = path.join(native, 'addon', 'binding.cc');
  const engine = path.join(targetDir, 'release', 'libnx_hotpatch_abi.a');
  if (!isStale(addon, [source, engine, fileURLToPath(import.meta.url)])) return;
  const require = createRequire(import.meta.url);
  const flags = [
    ...['-std=c++17', '-O2', '-fPIC', '-fvisibility=hidden', '-fno-exceptions', '-Wall', '-Wextra'],
    ...['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_GYP_MODULE_NAME=hotpatch'],
    // A thread may be ended while its call is under way; without this the answer that nobody awaits ends the process.
    '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
    ...['-isystem', require('node-api-headers').include_dir],
    ...['-isystem', path.dirname(require.resolve('node-addon-api'))],
    ...(process.env.CXXFLAGS?.split(/\s+/).filter(Boolean) ?? []),
  ];
  // A prebuilt file meets machines with an older libstdc++ than the builder's: carry our own.
  const link = [
    '-shared',
    '-s',
    '-static-libstdc++',
    '-static-libgcc',
    '-Wl,--gc-sections',
    '-Wl,--exclude-libs,ALL',
  ];
  replace(addon, (file) =>
    run(
      cxx,
      [...flags, source, engine, ...link, '-lpthread', '-ldl', '-lm', '-o', file],
      noCompiler,
      'The Node-API binding of nx-hotpatch did not build: see the message of the C++ compiler above.',
    ),
  );
}

function copyBuilt(name) {
  const built = path.join(targetDir, 'release', name);
  const file = path.join(output, name);
  if (isStale(file, [built])) replace(file, (fresh) => copyFileSync(built, fresh));
}

function compileAnnouncement() {
  const source = path.join(native, 'library', 'announce.c');
  const object = path.join(output, 'nx_hotpatch_announce.o');
  if (!isStale(object, [source, fileURLToPath(import.meta.url)])) return;
  replace(object, (file) =>
    run(
      cxx,
      ['-x', 'c', '-std=c11', '-O2', '-fPIC', '-Wall', '-Wextra', '-c', source, '-o', file],
      noCompiler,
      'The object for shared libraries did not compile: see the message of the compiler above.',
    ),
  );
}

try {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new BuildError(
      `nx-hotpatch works on Linux x86_64 only so far; this is ${process.platform} ${process.arch}.`,
    );
  }
  mkdirSync(output, { recursive: true });
  buildRust();
  linkAddon();
  copyBuilt('libnx_hotpatch_loader.so');
  copyBuilt('nx-hotpatch-same-path');
  compileAnnouncement();
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`✗ ${error.message}`);
  process.exitCode = 1;
}
