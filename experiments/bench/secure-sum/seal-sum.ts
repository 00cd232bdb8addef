import type {
  Ciphertext,
  Decryptor,
  EncryptionParameters,
  Encryptor,
  Evaluator,
  MainModule,
  Plaintext,
  SEALContext,
} from 'node-seal';

/** How a scheme puts values into plaintexts and gets sums out of them. */
export interface SealScheme {
  readonly parameters: (seal: MainModule) => EncryptionParameters;
  readonly packing: (seal: MainModule, context: SEALContext) => SealPacking;
}

export interface SealPacking {
  readonly perPlaintext: number;
  write(values: Uint32Array, plaintext: Plaintext): void;
  /** Sums of one plaintext; at least as many as were written. */
  read(plaintext: Plaintext): ArrayLike<number>;
}

/**
 * The same sum with Microsoft SEAL in WebAssembly: public-key encryption at the members, addition at the coordinator,
 * one secret key that opens. Bytes in and out, as over a network.
 */
export class SealSum {
  readonly #seal: MainModule;
  readonly #context: SEALContext;
  readonly #packing: SealPacking;
  readonly #encryptor: Encryptor;
  readonly #decryptor: Decryptor;
  readonly #evaluator: Evaluator;
  #sum: Ciphertext[] = [];

  constructor(seal: MainModule, scheme: SealScheme) {
    this.#seal = seal;
    this.#context = new seal.SEALContext(scheme.parameters(seal), true, seal.SecLevelType.tc128);
    if (!this.#context.parametersSet()) throw new Error('SEAL refuses the parameters');
    const keys = new seal.KeyGenerator(this.#context);
    const secretKey = keys.secretKey();
    this.#packing = scheme.packing(seal, this.#context);
    this.#encryptor = new seal.Encryptor(this.#context, keys.createPublicKey(), secretKey);
    this.#decryptor = new seal.Decryptor(this.#context, secretKey);
    this.#evaluator = new seal.Evaluator(this.#context);
  }

  /** Packs, encrypts under the public key and serialises without compression: one array a ciphertext. */
  encrypt(values: Uint32Array): Uint8Array[] {
    using ciphertext = new this.#seal.Ciphertext();
    return this.#plaintexts(values, (plaintext) => {
      this.#encryptor.encrypt(plaintext, ciphertext);
      return bytes(ciphertext.saveToArray(this.#seal.ComprModeType.none));
    });
  }

  /** Bytes of an upload with SEAL's zstd, and in the secret-key form whose second half is a seed. */
  otherSizes(values: Uint32Array): { readonly zstd: number; readonly seeded: number } {
    const { none, zstd } = this.#seal.ComprModeType;
    using ciphertext = new this.#seal.Ciphertext();
    const each = this.#plaintexts(values, (plaintext) => {
      this.#encryptor.encrypt(plaintext, ciphertext);
      using seeded = this.#encryptor.encryptSymmetricSerializable(plaintext);
      return [bytes(ciphertext.saveToArray(zstd)).length, bytes(seeded.saveToArray(none)).length] as const;
    });
    return {
      zstd: each.reduce((sum, [size]) => sum + size, 0),
      seeded: each.reduce((sum, [, size]) => sum + size, 0),
    };
  }

  /** Forgets the running sum. */
  reset(): void {
    for (const ciphertext of this.#sum) ciphertext.delete();
    this.#sum = [];
  }

  /** Reads an upload, which SEAL checks for validity, and adds it to the running sum. */
  add(upload: readonly Uint8Array[]): void {
    using summand = new this.#seal.Ciphertext();
    for (const [i, part] of upload.entries()) {
      const sum = this.#sum[i];
      if (sum === undefined) {
        const first = new this.#seal.Ciphertext();
        first.loadFromArray(this.#context, part);
        this.#sum.push(first);
      } else {
        summand.loadFromArray(this.#context, part);
        this.#evaluator.addInplace(sum, summand);
      }
    }
  }

  /** Decrypts the running sum and rounds it to whole numbers. */
  open(length: number): Uint32Array {
    const sums = new Uint32Array(length);
    const { perPlaintext } = this.#packing;
    using plaintext = new this.#seal.Plaintext();
    for (const [i, ciphertext] of this.#sum.entries()) {
      this.#decryptor.decrypt(ciphertext, plaintext);
      const read = this.#packing.read(plaintext);
      const from = i * perPlaintext;
      const count = Math.min(perPlaintext, length - from);
      for (let j = 0; j < count; j++) sums[from + j] = Math.round(read[j] ?? NaN);
    }
    return sums;
  }

  #plaintexts<T>(values: Uint32Array, each: (plaintext: Plaintext) => T): T[] {
    const { perPlaintext } = this.#packing;
    using plaintext = new this.#seal.Plaintext();
    return Array.from({ length: Math.ceil(values.length / perPlaintext) }, (_, i) => {
      this.#packing.write(values.subarray(i * perPlaintext, (i + 1) * perPlaintext), plaintext);
      return each(plaintext);
    });
  }
}

/** What SEAL's bindings type as `any`. */
function bytes(saved: unknown): Uint8Array {
  if (saved instanceof Uint8Array) return saved;
  throw new Error('SEAL serialised to something that is no array of bytes');
}
