/** The part of elfy 1.0.0 that is used; it brings no types, and what it says of alignments is wrong for ELF64. */
declare module 'elfy' {
  namespace elfy {
    interface Elf {
      readonly class: string;
      readonly machine: string;
      readonly body: { readonly sections: readonly Section[]; readonly programs: readonly Program[] };
    }
    interface Program {
      /** `load`, `tls`, ... */
      readonly type: string | number;
      readonly memsz: number;
    }
    interface Section {
      readonly name: string;
      /** `progbits`, `nobits`, ...; a number for what it has no name for. */
      readonly type: string | number;
      readonly flags: { readonly execinstr?: boolean };
      readonly addr: number;
      /** Of `nobits` it is whatever lies there in the file. */
      readonly data: Buffer;
    }
    function parse(contents: Buffer): Elf;
  }
  export = elfy;
}
