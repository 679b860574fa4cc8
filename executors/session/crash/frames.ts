import type { PatchImage } from '../../pipeline/artifacts';
import type { Crashed, Hello } from '../loader-connection/messages';
import { ElfImage } from './elf-image';

/** An address of a crashed process in terms of the images that it had. */
export interface FoundFrame {
  /** Absolute. */
  readonly address: bigint;
  /** Null when it is in no function of the program or of its patches. */
  readonly symbol: string | null;
  /** Bytes from the function's start; null without one. */
  readonly offset: number | null;
  /** The instruction, or that of the call, in terms of the image that it is in; null without a function. */
  readonly inImage: number | null;
  /** Null for code of the build. */
  readonly patch: number | null;
  /** The instruction itself; the others are words on the stack that look like return addresses. */
  readonly certain: boolean;
}

interface Loaded {
  readonly patch: number | null;
  readonly base: bigint;
  readonly image: ElfImage;
}

const WORD = 8;

/**
 * Where the thread was and, as far as its stack tells, how it came there.
 *
 * There is no unwinding here: a stack that a crash left may be damaged, and unwind tables say nothing of inlined
 * frames anyway. Every word that points behind a call instruction is taken for a return address, so a frame that was
 * there is found as long as its code is known, and one of an earlier call can be among them.
 */
export function framesOf(
  crash: Crashed,
  hello: Hello,
  program: ElfImage,
  patches: readonly PatchImage[],
): readonly FoundFrame[] {
  const bias = BigInt(hello.loadBias);
  const images: readonly Loaded[] = [
    ...patches.map(({ patch, bytes }) => {
      const image = new ElfImage(bytes);
      return { patch, base: bias + BigInt(distanceOf(image)), image };
    }),
    { patch: null, base: bias, image: program },
  ];
  const pc = BigInt(crash.pc);
  const first = find(pc, pc, images) ?? unknown(pc);
  const rest: FoundFrame[] = [];
  for (let at = 0; at + WORD <= crash.stack.length; at += WORD) {
    const word = crash.stack.readBigUInt64LE(at);
    const frame = returnTo(word, images);
    if (frame !== undefined) rest.push(frame);
  }
  return [{ ...first, certain: true }, ...rest];
}

/** An instruction after a call that ends its function belongs to the next one: the call itself is looked for. */
function returnTo(address: bigint, images: readonly Loaded[]): FoundFrame | undefined {
  const isReturn = ({ base, image }: Loaded) =>
    address > base && address - base < LARGEST && image.followsCall(Number(address - base));
  return find(address, address - 1n, images.filter(isReturn));
}

/** No image is larger: addresses below are exact as numbers. */
const LARGEST = 1n << 40n;

function find(address: bigint, within: bigint, images: readonly Loaded[]): FoundFrame | undefined {
  for (const { patch, base, image } of images) {
    if (within < base || within - base >= LARGEST) continue;
    const found = image.functionAt(Number(within - base));
    if (found === undefined) continue;
    const offset = Number(address - base) - found.start;
    const inImage = Number(within - base);
    return { address, symbol: found.symbol, offset, inImage, patch, certain: false };
  }
  return undefined;
}

function unknown(address: bigint): FoundFrame {
  return { address, symbol: null, offset: null, inImage: null, patch: null, certain: false };
}

/** From the host's load bias, as the plan in the image says (native/protocol/README.md). */
function distanceOf(image: ElfImage): number {
  const plan = JSON.parse(image.section('.nx_hotpatch').toString('utf8')) as { readonly distance: number };
  return plan.distance;
}
