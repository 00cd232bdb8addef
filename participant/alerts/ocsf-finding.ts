import { isIP } from 'node:net';
import { OCSF_VERSION } from '../../datasets/ocsf-json/enums.ts';
import { OWN_PRODUCT } from '../../datasets/ocsf-json/write.ts';
import type { Alert, Hop } from './alert.ts';

const CLASS_UID = 2004;
const CATEGORY_UID = 2;
/** A score so far above the threshold (logit) is of high severity. */
const HIGH = 2;

/** What `finding_info.title` says, and so what the alert is called when it is read back. */
export const FINDING_TITLE = 'Unusual logons from one host';

/**
 * A line of an alert as an OCSF 1.8.0 Detection Finding (class_uid 2004), Create for the first version and Update for later
 * ones, all with the alert's id as `finding_info.uid`. Has every attribute that the schema requires of the class and of the
 * objects in it (docs/events.md).
 */
export function toFinding(alert: Alert, member: string): Record<string, unknown> {
  const { id, version, event, score, threshold, reasons, path, model } = alert;
  const activity = version === 1 ? 1 : 2;
  const severity = score - threshold >= HIGH ? 4 : 3;
  return {
    class_uid: CLASS_UID,
    class_name: 'Detection Finding',
    category_uid: CATEGORY_UID,
    category_name: 'Findings',
    activity_id: activity,
    activity_name: activity === 1 ? 'Create' : 'Update',
    type_uid: CLASS_UID * 100 + activity,
    severity_id: severity,
    severity: severity === 4 ? 'High' : 'Medium',
    status_id: 1,
    status: 'New',
    is_alert: true,
    time: whole(alert.updated),
    start_time: whole(alert.raised),
    end_time: whole(alert.updated),
    count: alert.events,
    message: messageOf(alert),
    metadata: {
      version: OCSF_VERSION,
      product: { name: OWN_PRODUCT, vendor_name: OWN_PRODUCT },
      profiles: ['host'],
      log_name: `alerts of ${member}`,
      sequence: alert.sequence,
      uid: `${id}:${version}`,
      logged_time: whole(alert.written),
    },
    finding_info: {
      uid: id,
      title: FINDING_TITLE,
      desc: reasons
        .map(({ words, against }) => (against === null ? words : `${words} (${against})`))
        .join('; '),
      types: ['Lateral movement'],
      created_time: whole(alert.raised),
      modified_time: whole(alert.updated),
      analytic: {
        type_id: 4,
        type: 'Learning (ML/DL)',
        name: `Cordon ${model.features}`,
        uid: model.hash,
        version: model.from,
      },
      attacks: [{ tactic: { uid: 'TA0008', name: 'Lateral Movement' } }],
    },
    evidences: [
      {
        ...who(alert.account),
        src_endpoint: endpoint(event.srcHost),
        dst_endpoint: endpoint(event.dstHost),
        data: { time: whole(event.time), uid: event.source.uid, reasons, path },
      },
      ...path.map(evidenceOf),
    ],
    unmapped: {
      number: alert.number,
      version,
      score,
      threshold,
      destinations: alert.destinations,
      dst_hosts: alert.dstHosts,
      accounts: alert.accounts,
    },
  };
}

/** The alert in one sentence. */
export function messageOf({ srcHost, account, destinations, dstHosts, reasons }: Alert): string {
  const [first = ''] = dstHosts;
  const others = destinations > 1 ? ` and ${destinations - 1} more` : '';
  const why = reasons[0] === undefined ? '' : `: ${reasons[0].words}`;
  return `${srcHost} to ${first}${others} as ${account === '' ? 'an unknown account' : account}${why}`;
}

function evidenceOf({ time, account, from, to, fresh }: Hop): Record<string, unknown> {
  return {
    ...who(account),
    src_endpoint: endpoint(from),
    dst_endpoint: endpoint(to),
    data: { time: whole(time), hop: true, fresh },
  };
}

function who(account: string): Record<string, unknown> {
  if (account === '') return {};
  const at = account.lastIndexOf('@');
  const user =
    at <= 0 || at === account.length - 1
      ? { name: account }
      : { name: account.slice(0, at), domain: account.slice(at + 1) };
  return { actor: { user } };
}

/** The schema wants something to know an endpoint by. */
function endpoint(name: string): Record<string, unknown> {
  if (name === '') return { name: 'unknown' };
  return isIP(name) === 0 ? { hostname: name } : { ip: name };
}

function whole(time: number): number {
  return Math.floor(time);
}
