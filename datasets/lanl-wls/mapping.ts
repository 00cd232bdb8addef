import type {
  AuthAction,
  AuthEvent,
  AuthProtocol,
  EventSource,
  ProcessEvent,
} from '../../protocol/events/canonical.ts';
import { authProtocol } from '../auth-protocol.ts';
import { remember } from '../input/remember.ts';
import { logonType, machineHost } from '../windows-json/names.ts';
import type { WlsFields } from './fields.ts';

type Mapping = (r: WlsFields, host: string, time: number, source: EventSource) => AuthEvent | ProcessEvent;

const protocolOf = remember(authProtocol);

/** What differs between the kinds of authentication; the rest is the same for all of them. */
interface Kind {
  readonly action: AuthAction;
  /** Instead of what the record says. */
  readonly protocol?: AuthProtocol;
  readonly success?: boolean;
  /** The destination host, where it is not the one that recorded the event. */
  readonly dstHost?: (r: WlsFields) => string;
}

/**
 * `Source` is where an authentication came from, the recording host where it is missing. The account is `UserName`; the
 * one behind it is `SubjectUserName` where there is one. `Status` is 0x0, or missing, for a success.
 */
function auth(kind: Kind): Mapping {
  return (r, host, time, source) => {
    const dstAccount = r.account('UserName', 'DomainName');
    const status = r.word('Status');
    return {
      type: 'auth',
      time,
      srcHost: r.name('Source') || host,
      dstHost: kind.dstHost?.(r) || host,
      srcAccount: r.account('SubjectUserName', 'SubjectDomainName') || dstAccount,
      dstAccount,
      protocol: kind.protocol ?? protocolOf(r.word('AuthenticationPackage')),
      logonType: logonType(r.word('LogonType')),
      action: kind.action,
      success: kind.success ?? (status === '' || Number(status) === 0),
      source,
    };
  };
}

function processEvent(action: 'Start' | 'End'): Mapping {
  return (r, host, time, source) => ({
    type: 'process',
    time,
    host,
    account: r.account('UserName', 'DomainName'),
    image: r.word('ProcessName'),
    parentImage: action === 'Start' ? r.word('ParentProcessName') : '',
    action,
    source,
  });
}

const serviceTicket = auth({
  action: 'TGS',
  protocol: 'Kerberos',
  dstHost: (r) => machineHost(r.word('ServiceName')),
});
const explicitCredentials = auth({
  action: 'ExplicitCredentials',
  dstHost: (r) => r.name('Destination'),
  success: true,
});

/** Events that become canonical ones, by Windows event id (Turcotte, Kent and Hash 2018, table 2). */
export const WLS_EVENTS: ReadonlyMap<number, Mapping> = new Map<number, Mapping>([
  [4624, auth({ action: 'LogOn', success: true })],
  [4625, auth({ action: 'LogOn', success: false })],
  [4634, auth({ action: 'LogOff', success: true })],
  [4647, auth({ action: 'LogOff', success: true })],
  [4648, explicitCredentials],
  [4768, auth({ action: 'TGT', protocol: 'Kerberos' })],
  [4769, serviceTicket],
  [4770, serviceTicket],
  [4774, auth({ action: 'AuthMap' })],
  [4776, auth({ action: 'CredentialValidation', protocol: 'NTLM' })],
  [4800, auth({ action: 'ScreenLock', success: true })],
  [4801, auth({ action: 'ScreenUnlock', success: true })],
  [4688, processEvent('Start')],
  [4689, processEvent('End')],
]);
