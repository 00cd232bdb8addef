import { crc32 } from 'node:zlib';

export const CHUNK_BYTES = 64 * 1024;
export const FILE_MAGIC = Buffer.from('ElfFile\0');
const CHUNK_MAGIC = Buffer.from('ElfChnk\0');
const CHUNK_HEADER = 512;
const RECORD_HEADER = 24;
const RECORD_MAGIC = 0x00002a2a;
const DIRTY = 1;

/** Header of the file: how long it is, how many chunks follow, whether the log was open when it was copied. */
export interface FileHeader {
  readonly bytes: number;
  readonly chunks: number;
  readonly dirty: boolean;
}

/** The file's header, or why there is none. At least 128 bytes are given. */
export function fileHeader(head: Buffer): FileHeader | string {
  if (!head.subarray(0, 8).equals(FILE_MAGIC)) return 'no header of an event log';
  const major = head.readUInt16LE(38);
  if (major !== 3)
    return `version ${major}.${head.readUInt16LE(36)} of the event log format, which is not known`;
  const bytes = head.readUInt16LE(40);
  if (bytes < 128) return `a header of ${bytes} bytes`;
  return { bytes, chunks: head.readUInt16LE(42), dirty: (head.readUInt32LE(120) & DIRTY) !== 0 };
}

/** One record of a chunk: where its binary XML lies, or why it cannot be read. */
export type ChunkRecord =
  | { readonly start: number; readonly end: number; readonly number: number }
  | { readonly damaged: string; readonly at: number };

/** Whether the chunk was set aside by Windows and never written to. */
export function isUnused(chunk: Buffer): boolean {
  return chunk[0] === 0 && chunk.every((byte) => byte === 0);
}

/** End of the records of a chunk. A log that is open has it wrong at times: then the whole chunk is looked through. */
function usedBytes(chunk: Buffer): number {
  const free = chunk.readUInt32LE(48);
  return free >= CHUNK_HEADER && free <= chunk.length ? free : chunk.length;
}

/**
 * The records of one chunk in their order; the chunk may be cut short. A chunk that is complete and whose checksum is
 * wrong gives damaged records only, because wrong values look like right ones; of a log that was open when it was
 * copied (`dirty`) no checksum is asked, because Windows writes them late.
 */
export function* chunkRecords(chunk: Buffer, dirty: boolean): Generator<ChunkRecord> {
  if (chunk.length < CHUNK_HEADER) return;
  if (!chunk.subarray(0, 8).equals(CHUNK_MAGIC)) {
    yield { damaged: 'a chunk without its header', at: 0 };
    return;
  }
  const used = usedBytes(chunk);
  const whole = chunk.length === CHUNK_BYTES;
  const wrong = whole && !dirty && !checksumsHold(chunk, used) ? 'a chunk whose checksum is wrong' : null;
  let at = CHUNK_HEADER;
  while (at + RECORD_HEADER <= used) {
    const size = chunk.readUInt32LE(at + 4);
    if (chunk.readUInt32LE(at) !== RECORD_MAGIC) {
      yield { damaged: wrong ?? 'no record where one should begin; the rest of the chunk is left out', at };
      return;
    }
    // The size stands at the end a second time: what does not agree is not the end of a record.
    if (size < RECORD_HEADER + 4 || at + size > used || chunk.readUInt32LE(at + size - 4) !== size) {
      const reason = at + size > chunk.length && !whole ? 'a record that the end of the file cuts off' : null;
      yield {
        damaged: wrong ?? reason ?? 'a record of impossible size; the rest of the chunk is left out',
        at,
      };
      return;
    }
    if (wrong !== null) yield { damaged: wrong, at };
    else {
      const number = Number(chunk.readBigUInt64LE(at + 8));
      yield { start: at + RECORD_HEADER, end: at + size - 4, number };
    }
    at += size;
  }
  if (wrong !== null && at === CHUNK_HEADER) yield { damaged: wrong, at };
}

function checksumsHold(chunk: Buffer, used: number): boolean {
  const header = crc32(chunk.subarray(128, CHUNK_HEADER), crc32(chunk.subarray(0, 120)));
  return (
    header === chunk.readUInt32LE(124) && crc32(chunk.subarray(CHUNK_HEADER, used)) === chunk.readUInt32LE(52)
  );
}
