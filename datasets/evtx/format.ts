import type { Format, ReaderContext, RecordReader } from '../format.ts';
import { isUsed, WindowsEmitter } from '../windows-json/emit.ts';
import { BinaryXml } from './binary-xml.ts';
import { Damaged } from './bytes.ts';
import { CHUNK_BYTES, chunkRecords, FILE_MAGIC, fileHeader, isUnused, type FileHeader } from './chunks.ts';
import { evtxRecord, windowsRecordOf } from './record.ts';

const HEADER_BYTES = 128;
const REJECT_BYTES = 64;

/**
 * Windows event logs as Windows itself keeps them (.evtx), Security and Sysmon. Chunks of 64 KB are read as they come;
 * each stands for itself, so what is damaged costs its own records only. Records are numbered in the order of the file.
 */
export const evtx: Format = {
  name: 'evtx',
  title: 'Windows event logs (EVTX), Security and Sysmon',
  recognise: ({ bytes }) => (bytes.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC) ? 1 : 0),
  open: (context) => new EvtxReader(context),
};

class EvtxReader implements RecordReader {
  readonly #context: ReaderContext;
  readonly #emitter: WindowsEmitter;
  #header: FileHeader | null = null;
  #failed = false;
  /** Bytes that are not yet a whole header or chunk; at most one chunk. */
  #rest = Buffer.alloc(0);
  /** Bytes of the header that are still to come. */
  #skip = 0;
  #chunks = 0;
  #records = 0;
  #rejects = 0;

  constructor(context: ReaderContext) {
    this.#context = context;
    this.#emitter = new WindowsEmitter(context);
  }

  write(bytes: Buffer): void {
    if (this.#failed) return;
    const whole = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#header ??= this.#readHeader(whole);
    let at = 0;
    if (this.#header !== null) {
      if (this.#skip > whole.length) {
        this.#skip -= whole.length;
        at = whole.length;
      } else {
        at = this.#skip;
        this.#skip = 0;
        for (; at + CHUNK_BYTES <= whole.length; at += CHUNK_BYTES) {
          this.#chunk(whole.subarray(at, at + CHUNK_BYTES));
        }
      }
    }
    // A copy: the stream may use its bytes again.
    this.#rest = Buffer.from(whole.subarray(at));
  }

  end(): void {
    if (this.#failed) return;
    if (this.#header === null || this.#skip > 0) {
      this.#reject('the file ends within its header', this.#rest);
      return;
    }
    if (this.#rest.length > 0) {
      const before = this.#rejects;
      this.#chunk(this.#rest);
      if (this.#rejects === before) this.#reject('the file ends in the middle of a chunk', this.#rest);
    } else if (this.#chunks < this.#header.chunks) {
      const missing = `the file ends after ${this.#chunks} of ${this.#header.chunks} chunks`;
      this.#reject(missing, Buffer.alloc(0));
    }
  }

  #readHeader(whole: Buffer): FileHeader | null {
    if (whole.length < HEADER_BYTES) return null;
    const header = fileHeader(whole);
    if (typeof header === 'string') {
      this.#failed = true;
      this.#reject(header, whole);
      return null;
    }
    this.#skip = header.bytes;
    return header;
  }

  #chunk(chunk: Buffer): void {
    this.#chunks++;
    if (isUnused(chunk)) return;
    let xml: BinaryXml | null = null;
    for (const record of chunkRecords(chunk, this.#header?.dirty === true)) {
      if ('damaged' in record) {
        this.#reject(record.damaged, chunk.subarray(record.at));
        continue;
      }
      xml ??= new BinaryXml(chunk);
      this.#records++;
      this.#context.line();
      const reason = this.#record(xml, record.start, record.end);
      if (reason !== null) this.#tell(reason, chunk.subarray(record.start, record.end));
    }
  }

  /** Reports one record; returns why it cannot be read, or null. */
  #record(xml: BinaryXml, start: number, end: number): string | null {
    try {
      const record = evtxRecord(xml.read(start, end));
      if (Number.isInteger(record.eventId) && !isUsed(record.eventId)) {
        this.#context.ignore(String(record.eventId));
        return null;
      }
      const windows = windowsRecordOf(record);
      if (typeof windows === 'string') return windows;
      this.#emitter.emit(windows, this.#records);
      return null;
    } catch (error) {
      if (error instanceof Damaged) return `damaged: ${error.message}`;
      throw error;
    }
  }

  /** Something that should have been a record. */
  #reject(reason: string, bytes: Buffer): void {
    this.#records++;
    this.#context.line();
    this.#tell(reason, bytes);
  }

  #tell(reason: string, bytes: Buffer): void {
    this.#rejects++;
    this.#context.reject(this.#records, reason, bytes.subarray(0, REJECT_BYTES).toString('hex'));
  }
}
