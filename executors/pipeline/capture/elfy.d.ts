/** The part of elfy 1.0.0 that is used; it brings no types, and what it says of alignments is wrong for ELF64. */
declare module 'elfy' {
  namespace elfy {
    interface Elf {
      readonly class: string;
      readonly machine: string;
      readonly body: { readonly sections: readonly { readonly name: string }[] };
    }
    function parse(contents: Buffer): Elf;
  }
  export = elfy;
}
