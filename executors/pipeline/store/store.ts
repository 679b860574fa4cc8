import path from 'node:path';
import { namesIn } from '../capture/atomic-file';
import { HotpatchFolder } from '../capture/hotpatch-folder';

/** Rises whenever an entry of before cannot be used any more. */
export const STORE_FORMAT = 2;

/**
 * `<target>/hotpatch/store/<profile>`: what the cached tasks of a profile leave, for each other, for a session, and for
 * other clones.
 *
 *     crates/<package>/<crate id>/          of `hotpatch-codegen`
 *       crate.json                          a `CrateEntry`
 *       units/<slot>/<unit>.o               codegen units
 *       units/<slot>/digests.json           what each means, blind to debug information
 *       state/                              the rest of rustc's incremental session
 *       lib<crate id>.rmeta, rlib           of a library: its metadata, and its rlib without the units
 *     indexes/<package>/<slot>/<crate id>/  of `hotpatch-unit--<slot>`: `<unit>.index`
 *     third-party/<package>/<program>/      of `hotpatch-third-party`
 *     images/<package>/<program>/           of `hotpatch-image`: image, image.json
 *     bases/<package>/<program>/            of `hotpatch-base`: base.json
 *     patches/<package>/<program>/          of `hotpatch-patch`: patch.so, report.json
 *
 * Paths in it are spelled as at `SAME_PATH`. Everything that is read from it is checked first: it may come from a cache
 * that others write to.
 */
export class Store {
  readonly root: string;

  /**
   * @param profile cargo's name of it
   * @param folder  where the store lies, when that is elsewhere than in the target folder: another clone's, or a copy
   */
  constructor(
    readonly targetDir: string,
    profile: string,
    folder = path.join(new HotpatchFolder(targetDir).root, 'store'),
  ) {
    this.root = path.join(folder, profile);
  }

  crates(pkg: string): string {
    return path.join(this.root, 'crates', pkg);
  }

  crate(pkg: string, id: string): string {
    return path.join(this.crates(pkg), id);
  }

  allIndexes(pkg: string): string {
    return path.join(this.root, 'indexes', pkg);
  }

  indexes(pkg: string, slot: string): string {
    return path.join(this.allIndexes(pkg), slot);
  }

  /** Folders of all programs of a package. */
  allThirdParty(pkg: string): readonly string[] {
    const all = path.join(this.root, 'third-party', pkg);
    return namesIn(all).map((program) => path.join(all, program));
  }

  thirdParty(pkg: string, program: string): string {
    return path.join(this.root, 'third-party', pkg, program);
  }

  image(pkg: string, program: string): string {
    return path.join(this.root, 'images', pkg, program);
  }

  base(pkg: string, program: string): string {
    return path.join(this.root, 'bases', pkg, program);
  }

  patch(pkg: string, program: string): string {
    return path.join(this.root, 'patches', pkg, program);
  }
}
