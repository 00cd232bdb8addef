import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EMPTY_LOG, type LogHead, LogVerifier, appendEntry, headOf } from '../../crypto/public/log.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import type { Sign } from '../../crypto/public/signed.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { joinFrames } from '../../protocol/codec/frames.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError } from '../../protocol/errors.ts';
import { type LogBody, type LogKind, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';

export interface LogModules {
  readonly primitives: PublicPrimitives;
  readonly sign: Sign;
  readonly roster: Roster;
  readonly now: () => number;
}

/**
 * The append-only signed log in one file: frames as they go over the wire, each synced before anybody hears of it.
 * In memory: the offset of every entry and the head.
 */
export class LogStore {
  private readonly file: FileHandle;
  private readonly modules: LogModules;
  private readonly offsets: number[] = [];
  private end = 0;
  private tip: LogHead = EMPTY_LOG;
  /** Appends one after the other, in the order of the calls. */
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, modules: LogModules) {
    this.file = file;
    this.modules = modules;
  }

  /**
   * Opens or makes the log; checks every entry. An entry that a crash cut short is cut off: nobody was told of it.
   * @throws CordonError LOG_INVALID when anything but the tail is damaged
   */
  static async open(
    path: string,
    modules: LogModules,
  ): Promise<{ log: LogStore; entries: SignedLogEntryMessage[] }> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+', 0o600);
    const log = new LogStore(file, modules);
    const entries = await log.recover();
    return { log, entries };
  }

  get head(): LogHead {
    return this.tip;
  }

  append<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    const result = this.queue.then(() => this.write(kind, body));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Frames of the entries from `from` on, at most `maxBytes` but at least one entry; empty at the end. */
  async page(from: number, maxBytes: number): Promise<Uint8Array> {
    const start = this.offsets[from];
    if (start === undefined) return new Uint8Array(0);
    let next = from + 1;
    while (next < this.offsets.length && this.offsetOf(next + 1) - start <= maxBytes) next += 1;
    const bytes = new Uint8Array(this.offsetOf(next) - start);
    await this.file.read(bytes, 0, bytes.length, start);
    return bytes;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.file.close();
  }

  private offsetOf(index: number): number {
    return this.offsets[index] ?? this.end;
  }

  private async write<K extends LogKind>(kind: K, body: LogBody<K>): Promise<SignedLogEntryMessage> {
    const { primitives, sign, now } = this.modules;
    const signed = appendEntry(primitives, sign, this.tip, { time: now(), kind, body });
    const bytes = encode(signed);
    const frame = joinFrames([bytes]);
    await this.file.appendFile(frame);
    await this.file.datasync();
    this.remember(headOf(signed), frame.length);
    // Read back through the decoder: what goes out is exactly what a member's schema accepts.
    return decode(SignedLogEntryMessage, bytes);
  }

  private remember(head: LogHead, frameLength: number): void {
    this.offsets.push(this.end);
    this.end += frameLength;
    this.tip = head;
  }

  private async recover(): Promise<SignedLogEntryMessage[]> {
    const verifier = new LogVerifier(this.modules.primitives, this.modules.roster);
    const entries: SignedLogEntryMessage[] = [];
    for (;;) {
      const bytes = await this.frameAt(this.end);
      if (bytes === null) break;
      const entry = decode(SignedLogEntryMessage, bytes);
      entries.push(entry);
      this.remember(verifier.accept(entry), 4 + bytes.length);
    }
    await this.file.truncate(this.end);
    return entries;
  }

  private async frameAt(offset: number): Promise<Uint8Array | null> {
    const head = new Uint8Array(4);
    const { bytesRead } = await this.file.read(head, 0, 4, offset);
    if (bytesRead < 4) return null;
    const length = new DataView(head.buffer).getUint32(0);
    if (length > CODEC_LIMITS.maxBytes) {
      throw new CordonError('LOG_INVALID', {
        expected: 'a log file that this coordinator wrote',
        got: `a frame of ${length} bytes at offset ${offset}`,
        next: 'restore the log from a backup; never start with an empty one, members would refuse it',
      });
    }
    const bytes = new Uint8Array(length);
    const read = await this.file.read(bytes, 0, length, offset + 4);
    return read.bytesRead < length ? null : bytes;
  }
}
