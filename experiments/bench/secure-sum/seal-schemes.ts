import type { SealScheme } from './seal-sum.ts';

const N = 8192;
/** Where the second value of a coefficient stands: room for the sum of 1,024 values of 16 bits, and three bits over. */
const SHIFT = 29;

/**
 * BFV as an encrypted integer sum would use it: N = 8192, primes of {42, 42, 42, 43} bits, a plain modulus of 58 bits, two
 * values a coefficient. Coefficients are written as they are, which is cheaper than encoding slots.
 */
export const BFV: SealScheme = {
  parameters(seal) {
    const parameters = new seal.EncryptionParameters(seal.SchemeType.bfv);
    parameters.setPolyModulusDegree(N);
    parameters.setCoeffModulus(seal.CoeffModulus.Create(N, Int32Array.of(42, 42, 42, 43)));
    parameters.setPlainModulus(new seal.Modulus(2n ** 58n - 1n));
    return parameters;
  },
  packing(seal, context) {
    const { none } = seal.ComprModeType;
    using empty = new seal.Plaintext(N, N);
    const saved: unknown = empty.saveToArray(none);
    if (!(saved instanceof Uint8Array)) throw new Error('SEAL serialised no bytes');
    const header = saved.length - 8 * N;
    const serialised = saved.slice();
    const view = new DataView(serialised.buffer);
    return {
      perPlaintext: 2 * N,
      write(values, plaintext) {
        for (let i = 0; i < N; i++) {
          const low = values[2 * i] ?? 0;
          const high = values[2 * i + 1] ?? 0;
          view.setUint32(header + 8 * i, low | (high << SHIFT), true);
          view.setUint32(header + 8 * i + 4, high >>> (32 - SHIFT), true);
        }
        plaintext.loadFromArray(context, serialised);
      },
      read(plaintext) {
        const sums = new Float64Array(2 * N);
        const coefficients: unknown = plaintext.saveToArray(none);
        if (!(coefficients instanceof Uint8Array)) throw new Error('SEAL serialised no bytes');
        const words = new DataView(coefficients.buffer, coefficients.byteOffset + header);
        for (let i = 0; i < plaintext.coeffCount(); i++) {
          const low = words.getUint32(8 * i, true);
          const high = words.getUint32(8 * i + 4, true);
          sums[2 * i] = low & (2 ** SHIFT - 1);
          sums[2 * i + 1] = (low >>> SHIFT) + high * 2 ** (32 - SHIFT);
        }
        return sums;
      },
    };
  },
};

/** CKKS with NVFLARE's parameters: N = 8192, primes of {60, 40, 40} bits, scale 2^40, one value a slot. */
export const CKKS: SealScheme = {
  parameters(seal) {
    const parameters = new seal.EncryptionParameters(seal.SchemeType.ckks);
    parameters.setPolyModulusDegree(N);
    parameters.setCoeffModulus(seal.CoeffModulus.Create(N, Int32Array.of(60, 40, 40)));
    return parameters;
  },
  packing(seal, context) {
    const encoder = new seal.CKKSEncoder(context);
    return {
      perPlaintext: N / 2,
      write(values, plaintext) {
        encoder.encode(Float64Array.from(values), 2 ** 40, plaintext);
      },
      read(plaintext) {
        const sums: unknown = encoder.decodeFloat64(plaintext);
        if (!(sums instanceof Float64Array)) throw new Error('SEAL decoded no numbers');
        return sums;
      },
    };
  },
};
