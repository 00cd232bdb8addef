import initialize from 'node-seal';
import { N, PRIMES } from '../crypto/public/params.ts';

/** Products in Z_q[X]/(X^4096 + 1) by Microsoft SEAL, residue by residue. */
export interface SealRing {
  /**
   * @param a residues of the three primes
   * @param k coefficients from -128 to 128
   * @returns residues of a's transform and of a * k, each of the three primes
   */
  product(
    a: readonly Uint32Array[],
    k: Int32Array,
  ): { readonly transformed: Uint32Array[]; readonly product: Uint32Array[] };
  delete(): void;
}

/** SEAL keeps its last prime for key switching; ours are the three before it. */
const SPECIAL_PRIME = 1073643521;
const PLAIN_MODULUS = 257;

/**
 * SEAL over the primes of the ring. It has no product of two polynomials, so a becomes both halves of a ciphertext, its
 * bytes written over those of an encrypted zero, and k the plaintext that it is multiplied with.
 */
export async function sealRing(): Promise<SealRing> {
  const seal = await initialize();
  const parameters = new seal.EncryptionParameters(seal.SchemeType.bfv);
  parameters.setPolyModulusDegree(N);
  const moduli = new seal.VectorModulus();
  for (const p of [...PRIMES, SPECIAL_PRIME]) moduli.push_back(new seal.Modulus(BigInt(p)));
  parameters.setCoeffModulus(moduli);
  parameters.setPlainModulus(new seal.Modulus(BigInt(PLAIN_MODULUS)));
  const context = new seal.SEALContext(parameters, true, seal.SecLevelType.none);
  const evaluator = new seal.Evaluator(context);
  const encryptor = new seal.Encryptor(context, new seal.KeyGenerator(context).createPublicKey());
  const ciphertext = new seal.Ciphertext();
  const plain = new seal.Plaintext(N);
  const ntt = new seal.Plaintext();

  const read = (): Uint32Array[] => {
    const bytes = saved(ciphertext.saveToArray(seal.ComprModeType.none));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const from = bytes.length - 2 * PRIMES.length * N * 8;
    return PRIMES.map((_, prime) =>
      Uint32Array.from({ length: N }, (_unused, i) =>
        Number(view.getBigUint64(from + (prime * N + i) * 8, true)),
      ),
    );
  };

  return {
    product(a, k) {
      encryptor.encryptZero(ciphertext);
      const bytes = saved(ciphertext.saveToArray(seal.ComprModeType.none));
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const data = bytes.length - 2 * PRIMES.length * N * 8;
      for (let half = 0; half < 2; half++) {
        a.forEach((residues, prime) => {
          residues.forEach((v, i) => {
            view.setBigUint64(data + ((half * PRIMES.length + prime) * N + i) * 8, BigInt(v), true);
          });
        });
      }
      ciphertext.loadFromArray(context, bytes);
      const fresh = new seal.Plaintext(N);
      const plainBytes = saved(fresh.saveToArray(seal.ComprModeType.none));
      fresh.delete();
      const plainView = new DataView(plainBytes.buffer, plainBytes.byteOffset);
      k.forEach((v, i) => {
        // SEAL lifts values from 129 up to negative ones.
        const residue = BigInt(v < 0 ? v + PLAIN_MODULUS : v);
        plainView.setBigUint64(plainBytes.length - N * 8 + i * 8, residue, true);
      });
      plain.loadFromArray(context, plainBytes);
      evaluator.cipherTransformToNttInplace(ciphertext);
      const transformed = read();
      evaluator.plainTransformToNtt(plain, context.firstParmsId(), ntt);
      evaluator.multiplyPlainInplace(ciphertext, ntt);
      evaluator.cipherTransformFromNttInplace(ciphertext);
      return { transformed, product: read() };
    },
    delete() {
      for (const one of [ntt, plain, ciphertext, encryptor, evaluator, context, moduli, parameters])
        one.delete();
    },
  };
}

function saved(array: unknown): Uint8Array {
  if (!(array instanceof Uint8Array)) throw new TypeError('SEAL saves to a Uint8Array');
  return Uint8Array.from(array);
}
