import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../../crypto/identity/durable-file.ts';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { EMPTY_LOG, type LogHead, appendEntry, headOf } from '../../crypto/public/log.ts';
import { LogVerifier } from '../../crypto/public/log-verifier.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { Sign } from '../../crypto/public/signed.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { joinFrames } from '../../protocol/codec/frames.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { holdsWholeValue } from '../../protocol/codec/scan.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { type LogBody, type LogKind, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';

export interface LogModules {
  readonly primitives: PublicPrimitives;
  readonly sign: Sign;
  readonly chain: EpochChain;
  readonly now: () => number;
  /** An entry stands in the log, encoded in so many bytes. Must not throw: the entry stands whatever becomes of this. */
  readonly onAppended?: (entry: SignedLogEntryMessage, bytes: number) => void;
}

/**
 * The append-only signed log in one file: frames as they go over the wire, each synced before anybody hears of it.
 * In memory: the offset of every entry and the head. The file is made with the first entry.
 */
export class LogStore {
  private readonly path: string;
  /** None until there is an entry. */
  private file: OpenFile | null;
  private readonly modules: LogModules;
  private readonly offsets: number[] = [];
  private end = 0;
  private tip: LogHead = EMPTY_LOG;
  /** A write failed half-way: what it left beyond `end` is cut off before the next one. */
  private torn = false;
  /** Appends one after the other, in the order of the calls. */
  private queue: Promise<unknown> = Promise.resolve();

  private closed = false;

  private constructor(path: string, modules: LogModules) {
    this.path = path;
    this.file = openIfThere(path);
    this.modules = modules;
  }

  /**
   * Opens the log and checks every entry; where there is none it is empty, and no file is made yet. An entry that a crash
   * cut short is cut off: nobody was told of it.
   * @param path in a folder that is there
   * @throws CordonError LOG_INVALID when anything but the tail is damaged
   */
  static async open(
    path: string,
    modules: LogModules,
  ): Promise<{ log: LogStore; entries: SignedLogEntryMessage[] }> {
    const log = new LogStore(path, modules);
    try {
      return { log, entries: await log.recover() };
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  get head(): LogHead {
    return this.tip;
  }

  append<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    if (this.closed) return Promise.reject(new Error('the log is closed'));
    const result = this.queue.then(() => this.write(kind, body));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Frames of the entries from `from` on, at most `maxBytes` but at least one entry; empty at the end. */
  async page(from: number, maxBytes: number): Promise<Uint8Array> {
    const start = this.offsets[from];
    if (start === undefined || this.file === null) return new Uint8Array(0);
    let next = from + 1;
    while (next < this.offsets.length && this.offsetOf(next + 1) - start <= maxBytes) next += 1;
    const bytes = new Uint8Array(this.offsetOf(next) - start);
    await this.file.read(bytes, start);
    return bytes;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.queue;
    await this.file?.close();
  }

  private offsetOf(index: number): number {
    return this.offsets[index] ?? this.end;
  }

  private async write<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    const { primitives, sign, now } = this.modules;
    const signed = appendEntry(primitives, sign, this.tip, { time: now(), kind, body });
    const bytes = encode(signed);
    // Through the decoder before it is written: what goes out is exactly what a member's schema accepts.
    const decoded = decode(SignedLogEntryMessage, bytes);
    const frame = joinFrames([bytes]);
    this.file ??= OpenFile.open(this.path, constants.O_RDWR | constants.O_CREAT);
    if (this.torn) await this.file.truncate(this.end);
    this.torn = true;
    await this.file.write(frame, this.end);
    await this.file.datasync();
    // A log whose name a power cut has taken would begin anew, and members would refuse it.
    if (this.end === 0) await syncDirectory(dirname(this.path));
    this.torn = false;
    this.remember(headOf(signed), frame.length);
    this.modules.onAppended?.(decoded, bytes.length);
    return decoded;
  }

  private remember(head: LogHead, frameLength: number): void {
    this.offsets.push(this.end);
    this.end += frameLength;
    this.tip = head;
  }

  private async recover(): Promise<SignedLogEntryMessage[]> {
    const verifier = new LogVerifier(this.modules.primitives, this.modules.chain);
    const entries: SignedLogEntryMessage[] = [];
    for (;;) {
      const bytes = await this.frameAt(this.end);
      if (bytes === null) break;
      try {
        const entry = decode(SignedLogEntryMessage, bytes);
        this.remember(verifier.accept(entry), 4 + bytes.length);
        entries.push(entry);
      } catch (error) {
        const { code, expected, got } = toCordonError(error);
        if (code === 'EPOCH_INVALID') throw otherChain(entries.length, expected, got);
        throw damaged(`entry ${entries.length} at offset ${this.end}: ${got}`);
      }
    }
    await this.file?.truncate(this.end);
    return entries;
  }

  private async frameAt(offset: number): Promise<Uint8Array | null> {
    if (this.file === null) return null;
    const head = new Uint8Array(4);
    if ((await this.file.read(head, offset)) < 4) return null;
    const length = new DataView(head.buffer).getUint32(0);
    if (length > CODEC_LIMITS.maxBytes) throw damaged(`a frame of ${length} bytes at offset ${offset}`);
    const bytes = new Uint8Array(length);
    const read = await this.file.read(bytes, offset + 4);
    if (read === length) return bytes;
    // A crash leaves the beginning of an entry. A whole one behind a length that is too long is damage: cutting there
    // would throw away entries that members have seen.
    if (!holdsWholeValue(bytes.subarray(0, read))) return null;
    throw damaged(`an entry shorter than its length of ${length} bytes at offset ${offset}`);
  }
}

/** Not in append mode: an entry is written at `end`, over what a write that failed may have left there. */
function openIfThere(path: string): OpenFile | null {
  try {
    return OpenFile.open(path, constants.O_RDWR);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function otherChain(index: number, expected: string, got: string): CordonError {
  return new CordonError('EPOCH_INVALID', {
    expected: `a roster file with the epochs that the log names; for its entry ${index}: ${expected}`,
    got,
    next: 'start with the roster file that was last in force here, or a later one',
  });
}

function damaged(got: string): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: 'a log file that this coordinator wrote',
    got,
    next: 'restore the log from a backup; never start with an empty one, members would refuse it',
  });
}
