import type { Label } from '../labels/label.ts';
import { type Meant, type NamedSpan, SpanIndex } from '../labels/span-index.ts';

/** One authentication that is known to be malicious, as an analyst or a red-team list names it. */
export interface Incident {
  /** Milliseconds, on the clock of the events. */
  readonly time: number;
  readonly account: string;
  readonly srcHost: string;
  readonly dstHost: string;
  /** Which attack it belongs to. */
  readonly campaign: string;
}

/** Red-team lists have no finer time. */
const SECOND_MS = 1000;

/**
 * Which campaigns an event belongs to, by rows and by labelled intervals. A row means the events of its second that have
 * either account and both hosts; a label those of its interval that have every name it gives, or the one event whose
 * identity it gives. Where several mean an event, the one that began first counts, a row before a label that began with it,
 * then the label with the lower id, or of two rows the one whose campaign comes first. Where a benign label means it, none
 * does.
 */
export class IncidentIndex {
  readonly #malicious: SpanIndex;
  readonly #benign: SpanIndex;

  constructor(incidents: Iterable<Incident>, labels: Iterable<Label> = []) {
    const given = [...labels];
    const spans = (verdict: Label['verdict']): NamedSpan[] =>
      given.filter((label) => label.verdict === verdict).map(spanOf);
    this.#malicious = new SpanIndex([...Array.from(incidents, rowSpan), ...spans('malicious')]);
    this.#benign = new SpanIndex(spans('benign'));
  }

  /** Campaign of an event; null where it is not a known incident. */
  campaignOf(event: Meant): string | null {
    const found = this.#malicious.find(event);
    return found === null || this.#benign.find(event) !== null ? null : found.campaign;
  }

  /** Whether somebody has said of an event that it is a false alarm. */
  isBenign(event: Meant): boolean {
    return this.#benign.find(event) !== null;
  }

  /** What is said of an event, and the id of the label that says so, '' of a row; null where nobody says anything. */
  verdictOf(event: Meant): { readonly verdict: Label['verdict']; readonly id: string } | null {
    const benign = this.#benign.find(event);
    if (benign !== null) return { verdict: 'benign', id: benign.id };
    const malicious = this.#malicious.find(event);
    return malicious === null ? null : { verdict: 'malicious', id: malicious.id };
  }
}

function rowSpan({ time, account, srcHost, dstHost, campaign }: Incident): NamedSpan {
  const from = Math.floor(time / SECOND_MS) * SECOND_MS;
  const names = { account, source: srcHost, destination: dstHost, uid: null };
  return { id: '', from, to: from + SECOND_MS, ...names, campaign };
}

function spanOf({ id, from, to, account, source, destination, uid, campaign }: Label): NamedSpan {
  const names = { account, source, destination, uid };
  return { id, from: from ?? -Infinity, to: to ?? Infinity, ...names, campaign };
}
