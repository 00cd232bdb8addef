import type { ReaderContext } from '../../datasets/format.ts';
import type { HostFact, Naming } from '../../datasets/host-facts.ts';
import type { Tally } from '../../datasets/tally.ts';
import type { TimeZone } from '../../datasets/time-zone.ts';
import type { CanonicalEvent } from '../../protocol/events/canonical.ts';

/**
 * Lets a reader see once more what was taken before, without its being counted or told again: shut, nothing passes.
 */
export class GatedContext implements ReaderContext {
  readonly dataset: string;
  readonly maxLineBytes: number;
  readonly timeZone: TimeZone;
  readonly linesBefore: number;
  /** Lines that were seen, those before the first and those behind a shut gate included. */
  lines: number;
  open: boolean;
  readonly #tally: Tally;

  constructor(tally: Tally, linesBefore: number, open: boolean) {
    this.dataset = tally.dataset;
    this.maxLineBytes = tally.maxLineBytes;
    this.timeZone = tally.timeZone;
    this.linesBefore = linesBefore;
    this.lines = linesBefore;
    this.open = open;
    this.#tally = tally;
  }

  line(): void {
    this.lines++;
    if (this.open) this.#tally.line();
  }

  learn(fact: HostFact): void {
    if (this.open) this.#tally.learn(fact);
  }

  emit(event: CanonicalEvent, naming?: Naming): void {
    if (this.open) this.#tally.emit(event, naming);
  }

  ignore(kind: string): void {
    if (this.open) this.#tally.ignore(kind);
  }

  clock(wall: number, received: number): void {
    if (this.open) this.#tally.clock(wall, received);
  }

  note(text: string): void {
    if (this.open) this.#tally.note(text);
  }

  reject(line: number, reason: string, text: string): void {
    if (this.open) this.#tally.reject(line, reason, text);
  }
}
