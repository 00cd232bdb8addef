import type { Encryptor } from 'node-seal';
import { encodeSlots, switchTo } from '../public/evaluate.ts';
import type { Slots } from '../public/evaluate.ts';
import { JointCiphertext } from '../public/joint-ciphertext.ts';
import type { JointPublicKey } from '../public/joint-key.ts';
import { filled } from '../public/runtime.ts';

/** SEAL's own encryptor under a joint key; its randomness is SEAL's, seeded by the system. */
export class JointEncryptor implements Disposable {
  readonly jointKey: JointPublicKey;
  readonly #encryptor: Encryptor;

  /** @param jointKey must outlive the encryptor */
  constructor(jointKey: JointPublicKey) {
    this.jointKey = jointKey;
    const { seal, context } = jointKey.session.context;
    this.#encryptor = new seal.Encryptor(context, jointKey.handle);
  }

  /** Encrypts N slots at the highest level. @throws CryptoError SHAPE_MISMATCH, VALUE_OUT_OF_RANGE */
  encrypt(slots: Slots): JointCiphertext {
    const { context } = this.jointKey.session;
    using plain = encodeSlots(context, slots);
    const handle = filled(new context.seal.Ciphertext(), (empty) => this.#encryptor.encrypt(plain, empty));
    return new JointCiphertext(context, handle);
  }

  /** A fresh encryption of zero at a level; what hides masks and blinding. It can be made before it is needed. */
  encryptZero(level: number): JointCiphertext {
    const { context } = this.jointKey.session;
    using fresh = new JointCiphertext(
      context,
      filled(new context.seal.Ciphertext(), (empty) => this.#encryptor.encryptZero(empty)),
    );
    return switchTo(fresh, level);
  }

  [Symbol.dispose](): void {
    this.#encryptor.delete();
  }
}
