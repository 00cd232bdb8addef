import { publicPolynomials, streamStart } from '../public/expand.ts';
import { valuesPerChunk } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import type { PublicPrimitives } from '../public/primitives.ts';
import { ChunkEncryption } from './kernels/ring.ts';
import { SecretStream } from './key-stream.ts';

/** Streams of the error start with this in place of a prime's index. */
const ERROR_PURPOSE = 255;

/** What a key's one vector is encrypted with. */
export interface VectorSecrets {
  /** k_hat as `sampleKey` gives it. */
  readonly hat: Uint32Array;
  /** 32 bytes: the errors of all chunks come from it. */
  readonly noiseSeed: Uint8Array;
}

/** The same in memory of its own, which can be moved to another thread. */
export interface MovableSecrets extends VectorSecrets {
  readonly hat: Uint32Array<ArrayBuffer>;
  readonly noiseSeed: Uint8Array<ArrayBuffer>;
}

/** Where the vector belongs, and what its values are. */
export interface VectorShape {
  /** 32 bytes. */
  readonly transcriptHash: Uint8Array;
  readonly layout: LayoutName;
  readonly valueBits: number;
  readonly group: number;
}

/**
 * Encrypts chunks of one vector. Error and public polynomial follow from a chunk's number, so any thread may encrypt any
 * chunk and the bytes are the same; that no chunk is encrypted twice is the caller's part.
 */
export class VectorEncryption {
  readonly #shape: VectorShape;
  readonly #polynomials: ReturnType<typeof publicPolynomials>;
  readonly #encryption: ChunkEncryption;
  readonly #noise: SecretStream;

  /** @param secrets `hat` is read on as long as this is in use, `noiseSeed` is not; the caller wipes both */
  constructor(
    primitives: Pick<PublicPrimitives, 'sha256' | 'keyStream'>,
    secrets: VectorSecrets,
    shape: VectorShape,
  ) {
    this.#shape = shape;
    this.#polynomials = publicPolynomials(primitives, shape.transcriptHash);
    this.#encryption = new ChunkEncryption(secrets.hat);
    this.#noise = new SecretStream(secrets.noiseSeed);
  }

  /** @throws CryptoError VALUE_OUT_OF_RANGE for a chunk or group that is no u32 */
  static check(chunks: number, group: number): void {
    streamStart(chunks, ERROR_PURPOSE, group);
  }

  /** @throws CryptoError VALUE_OUT_OF_RANGE naming the index in the vector, SHAPE_MISMATCH for too many values */
  chunk(index: number, values: Uint32Array): Uint8Array<ArrayBuffer> {
    const { layout, valueBits, group } = this.#shape;
    return this.#encryption.encrypt({
      publicHat: (out) => {
        this.#polynomials.write(index, group, out);
      },
      errorBits: (out) => {
        this.#noise.write(streamStart(index, ERROR_PURPOSE, group), out);
      },
      layout,
      valueBits,
      values,
      from: index * valuesPerChunk(layout),
    });
  }

  /** Wipes the kernels' memory and forgets the seed. */
  end(): void {
    this.#encryption.end();
    this.#noise.erase();
  }
}
