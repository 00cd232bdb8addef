import { CryptoError } from '../../public/errors.ts';
import { valuesPerChunk } from '../../public/params.ts';
import { type VectorToEncrypt, prepared, valuesOf } from '../encrypt.ts';
import type { OneTimeKey } from '../one-time-key.ts';
import { Crew } from './crew.ts';
import { type FromThread, placeIn, sharedMemory } from './messages.ts';

/** Chunks that a thread has at once: one it works on, one that waits. */
const CHUNKS_A_THREAD = 2;

/**
 * Encrypts vectors on threads, one vector at a time; the chunks are byte for byte those of `encryptVector`, whatever the
 * number of threads. Values are read on the calling thread, in order, into shared memory. Secrets are moved to the
 * threads and wiped there when the vector ends.
 */
export class EncryptionThreads {
  readonly #count: number;
  #crew: Crew | null = null;
  #busy = false;

  /** @param count 1 or more; they are started with the first vector, and again after one of them has ended */
  constructor(count: number) {
    this.#count = count;
  }

  /**
   * As `encryptVector`: the same checks, the same errors, and whatever ends the vector before its last chunk erases the
   * key. Memory: `CHUNKS_A_THREAD` chunks a thread.
   * @throws CryptoError as `encryptVector`; Error while another vector is encrypted, or where a thread has ended
   */
  async *encrypt(key: OneTimeKey, vector: VectorToEncrypt): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#busy) throw new Error('these threads are encrypting another vector');
    const { source, shape, chunks } = prepared(vector);
    const perChunk = valuesPerChunk(shape.layout);
    const crew = this.#crew?.usable ? this.#crew : new Crew(this.#count);
    this.#crew = crew;
    const pass = key.handOver(crew.size, chunks, shape.group);
    const places = crew.size * CHUNKS_A_THREAD;
    const shared = sharedMemory(places);
    this.#busy = true;
    try {
      for (const [thread, secrets] of pass.secrets.entries()) {
        const { hat, noiseSeed } = secrets;
        crew.send(thread, { type: 'begin', secrets, shape, shared }, [hat.buffer, noiseSeed.buffer]);
      }
      const free = Array.from({ length: places }, (_, place) => place);
      const packed = new Map<number, Uint8Array>();
      let asked = 0;
      for (let out = 0; out < chunks;) {
        while (asked < Math.min(chunks, out + places) && free.length > 0) {
          const place = free.pop() ?? 0;
          const values = valuesOf(source, asked, perChunk);
          placeIn(shared, place).values.set(values);
          crew.send(asked % crew.size, { type: 'chunk', index: asked, place, count: values.length });
          asked++;
        }
        const ready = packed.get(out);
        if (ready) {
          packed.delete(out++);
          pass.check();
          yield ready;
          continue;
        }
        const reply = await crew.next();
        if (reply.type === 'failed') throw refusal(reply);
        if (reply.type !== 'packed') continue;
        packed.set(reply.index, placeIn(shared, reply.place).packed.slice());
        free.push(reply.place);
      }
      pass.finish();
    } finally {
      pass.end();
      await crew.endVector();
      new Uint8Array(shared).fill(0); // values that a thread did not get to
      this.#busy = false;
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#crew?.close();
  }
}

function refusal({ refusal, text }: Extract<FromThread, { type: 'failed' }>): Error {
  return refusal === null ? new Error(text) : new CryptoError(refusal.code, refusal);
}
