import type { DetectionEvent } from '../../protocol/events/canonical.ts';
import { type CordonError, toCordonError } from '../../protocol/errors.ts';
import { type Label, type Statement, type Teller, makeLabel } from './label.ts';

/** Lists of detections have no finer time than this, some of them. */
const SECOND_MS = 1000;
const TECHNIQUE = /^T\d{4}(\.\d{3})?$/;

/** What a detection says as a label, or why it can be none: it names nothing, or what no label can name. */
export function labelOf(event: DetectionEvent, campaign: string, teller: Teller): Label | CordonError {
  try {
    return makeLabel(statementOf(event, campaign), teller);
  } catch (error) {
    return toCordonError(error);
  }
}

/**
 * What a detection of a red-team list or of a table of labels says as a label: the second it names, with every name that
 * it has. One without a time means the event that has its `uid`.
 */
function statementOf(event: DetectionEvent, campaign: string): Statement {
  const { time, account, srcHost, dstHost, technique, label, source } = event;
  const said = {
    campaign,
    technique: TECHNIQUE.test(technique) ? technique : null,
    note: label === '' ? null : label,
    verdict: 'malicious',
  } as const;
  if (time === 0 && source.uid !== '') {
    const any = { from: null, to: null, account: null, source: null, destination: null };
    return { ...any, uid: source.uid, ...said };
  }
  const from = Math.floor(time / SECOND_MS) * SECOND_MS;
  const names = { account: orAny(account), source: orAny(srcHost), destination: orAny(dstHost), uid: null };
  return { from, to: from + SECOND_MS, ...names, ...said };
}

function orAny(name: string): string | null {
  return name === '' ? null : name;
}
