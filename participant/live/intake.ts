import { hasLongName, LONGEST_NAME } from '../../datasets/name-lengths.ts';
import { fromOcsf } from '../../datasets/ocsf-json/read.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';
import { AHEAD_MS, type SitePipeline } from '../telemetry/site-pipeline.ts';
import { UidWindow } from '../telemetry/uid-window.ts';
import type { Spool } from './spool.ts';

/** Objects in one request. */
const MOST_OBJECTS = 50_000;
/** Length of one object as JSON. */
const MOST_LENGTH = 1024 * 1024;
/** Bytes that wait on disk to be taken; beyond it senders must wait. */
const MOST_WAITING = 256 * 1024 * 1024;
const REASONS = 20;
const REMEMBERED = 250_000;

/** What became of a request, object by object; the five numbers add up to the objects of the request. */
export interface Receipt {
  /** On disk, and in time as far as can be told now. */
  accepted: number;
  /** On disk, for the twin: too far behind the newest event to be given features. */
  late: number;
  /** There before, by `metadata.uid`. */
  duplicate: number;
  /** Well formed, of a class or activity that is not used. */
  ignored: number;
  rejected: number;
  /** Why objects were rejected, and how many. */
  readonly reasons: { reason: string; count: number }[];
}

/** Takes OCSF objects: what is acknowledged is on disk, and is read from there like a log. */
export class Intake {
  readonly #spool: Spool;
  readonly #pipeline: SitePipeline;
  readonly #now: () => number;
  readonly #onKept: () => void;
  /** What is on disk and may not have passed the pipeline. */
  readonly #waiting = new UidWindow(REMEMBERED);

  /** @param onKept told when there is something new on disk */
  constructor(spool: Spool, pipeline: SitePipeline, now: () => number, onKept: () => void = () => undefined) {
    this.#onKept = onKept;
    this.#spool = spool;
    this.#pipeline = pipeline;
    this.#now = now;
  }

  /**
   * @param body JSON: one object, a list of objects, or one object a line
   * @throws CordonError TOO_MANY_REQUESTS while too much waits, MESSAGE_TOO_LARGE, MESSAGE_MALFORMED, DISK_FULL
   */
  async take(body: Buffer): Promise<Receipt> {
    if (this.#spool.bytes > MOST_WAITING) {
      throw new CordonError('TOO_MANY_REQUESTS', {
        expected: `at most ${MOST_WAITING} bytes of events that wait to be taken`,
        got: 'more',
        next: 'send the same again later',
      });
    }
    const receipt: Receipt = { accepted: 0, late: 0, duplicate: 0, ignored: 0, rejected: 0, reasons: [] };
    const lines: string[] = [];
    const uids = new Set<string>();
    for (const value of parseBody(body)) {
      const line = this.#judge(value, receipt, uids);
      if (line !== null) lines.push(line);
    }
    if (lines.length > 0) await this.#spool.append(lines.join(''));
    for (const uid of uids) this.#waiting.add(uid);
    this.#onKept();
    return receipt;
  }

  /** The line to be kept, or null; counts the object. */
  #judge(value: unknown, receipt: Receipt, uids: Set<string>): string | null {
    if (value instanceof Unreadable) return this.#reject(receipt, value.reason);
    const mapping = fromOcsf(value, { dataset: 'http', record: 0 });
    if (mapping.outcome === 'rejected') return this.#reject(receipt, mapping.reason);
    const line = written(value);
    if (line === null) return this.#reject(receipt, 'nested too deeply');
    if (line.length > MOST_LENGTH) return this.#reject(receipt, `longer than ${MOST_LENGTH} characters`);
    if (mapping.outcome === 'ignored') {
      receipt.ignored++;
      return null;
    }
    const events = mapping.items.flatMap((item) =>
      item.type === 'unresolved' ? item.event : 'source' in item ? item : [],
    );
    const [event] = events;
    if (event === undefined) return this.#reject(receipt, 'no event in it');
    if (events.some((one) => hasLongName(one, undefined)))
      return this.#reject(receipt, `a name longer than ${LONGEST_NAME} characters`);
    if (event.time > this.#now() + AHEAD_MS)
      return this.#reject(receipt, 'more than five minutes ahead of the clock: a wrong clock or time zone');
    if (this.#isKnown(event, uids)) {
      receipt.duplicate++;
      return null;
    }
    if (this.#pipeline.isLate(event.time)) receipt.late++;
    else receipt.accepted++;
    return line;
  }

  #isKnown(event: CanonicalEvent, uids: Set<string>): boolean {
    const { uid } = event.source;
    if (uid === '') return false;
    const known = uids.has(uid) || this.#waiting.has(uid) || this.#pipeline.hasSeen(event);
    uids.add(uid);
    return known;
  }

  #reject(receipt: Receipt, reason: string): null {
    receipt.rejected++;
    const words = plainText(reason, 200);
    const known = receipt.reasons.find((one) => one.reason === words);
    if (known !== undefined) known.count++;
    else if (receipt.reasons.length < REASONS) receipt.reasons.push({ reason: words, count: 1 });
    return null;
  }
}

/** The object as a line; null where it is nested more deeply than can be written. */
function written(value: unknown): string | null {
  try {
    return `${JSON.stringify(value)}\n`;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A line that is no JSON. */
class Unreadable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function parseBody(body: Buffer): unknown[] {
  const text = body.toString('utf8').trim();
  if (text === '') throw malformed('an empty body');
  const whole = parse(text);
  if (!(whole instanceof Unreadable)) return bounded(Array.isArray(whole) ? whole : [whole]);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 1) throw malformed(whole.reason);
  return bounded(lines).map((line) => parse(String(line)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What the engine says quotes the text.
    return new Unreadable('not JSON');
  }
}

function bounded(values: unknown[]): unknown[] {
  if (values.length <= MOST_OBJECTS) return values;
  throw new CordonError('MESSAGE_TOO_LARGE', {
    expected: `at most ${MOST_OBJECTS} objects in a request`,
    got: String(values.length),
    next: 'send them in several requests',
  });
}

function malformed(got: string): CordonError {
  return new CordonError('MESSAGE_MALFORMED', {
    expected: 'OCSF objects as JSON: one, a list, or one a line',
    got,
    next: 'see docs/guides/live.md',
  });
}
