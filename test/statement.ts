import type { Statement } from '../participant/labels/label.ts';

/** What a label says, of any event from 0 to 1000 unless `said` says otherwise. */
export function statement(said: Partial<Statement> = {}): Statement {
  return {
    from: 0,
    to: 1000,
    account: null,
    source: null,
    destination: null,
    uid: null,
    campaign: 'c',
    technique: null,
    note: null,
    verdict: 'malicious',
    ...said,
  };
}
