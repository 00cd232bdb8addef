import type { AuthAction, AuthEvent, EventSource, ProcessEvent } from '../../protocol/events/canonical.ts';
import { authProtocol } from '../auth-protocol.ts';
import { account, logonType, machineHost, remoteHost, type LearnAddress } from './names.ts';
import type { WindowsRecord } from './record.ts';

type Mapping = (r: WindowsRecord, learn: LearnAddress, source: EventSource) => AuthEvent | ProcessEvent;

/** Target and subject of a logon; the subject of a network logon is nobody, then the target acts for itself. */
function parties(r: WindowsRecord): { srcAccount: string; dstAccount: string } {
  const target = account(r.field('TargetUserName'), r.field('TargetDomainName'));
  const subject = account(r.field('SubjectUserName'), r.field('SubjectDomainName'));
  return { srcAccount: subject || target, dstAccount: target || subject };
}

/** 4624 and 4625: the recording host is the destination. */
function logon(success: boolean): Mapping {
  return (r, learn, source) => ({
    type: 'auth',
    time: r.time,
    srcHost: remoteHost(r, r.field('WorkstationName'), r.field('IpAddress'), learn),
    dstHost: r.host,
    ...parties(r),
    protocol: authProtocol(r.field('AuthenticationPackageName')),
    logonType: logonType(r.field('LogonType')),
    action: 'LogOn',
    success,
    source,
  });
}

/** 4634 (session ended) and 4647 (user asked for it): source and destination are the recording host, as in LANL. */
const logoff: Mapping = (r, _learn, source) => {
  const who = account(r.field('TargetUserName'), r.field('TargetDomainName'));
  return {
    type: 'auth',
    time: r.time,
    srcHost: r.host,
    dstHost: r.host,
    srcAccount: who,
    dstAccount: who,
    protocol: 'Unknown',
    logonType: logonType(r.field('LogonType')),
    action: 'LogOff',
    success: true,
    source,
  };
};

/** 4648: someone on the recording host uses other credentials towards a server. */
const explicitCredentials: Mapping = (r, _learn, source) => {
  const server = r.field('TargetServerName').toLowerCase().replace(/\$$/, '');
  return {
    type: 'auth',
    time: r.time,
    srcHost: r.host,
    dstHost: server === '' || server === 'localhost' ? r.host : server,
    ...parties(r),
    protocol: 'Unknown',
    logonType: 'Unknown',
    action: 'ExplicitCredentials',
    success: true,
    source,
  };
};

/**
 * 4768 (ticket-granting ticket), 4769 (service ticket) and 4771 (pre-authentication failed), recorded by the domain
 * controller. A service ticket leads to the service's host where the service is a machine account; the rest to the
 * controller.
 */
function ticket(action: AuthAction): Mapping {
  return (r, learn, source) => {
    const who = account(r.field('TargetUserName'), r.field('TargetDomainName'));
    const service = action === 'TGS' ? machineHost(r.field('ServiceName')) : '';
    return {
      type: 'auth',
      time: r.time,
      srcHost: remoteHost(r, '', r.field('IpAddress'), learn),
      dstHost: service || r.host,
      srcAccount: who,
      dstAccount: who,
      protocol: 'Kerberos',
      logonType: 'Unknown',
      action,
      success: r.eventId !== 4771 && succeeded(r),
      source,
    };
  };
}

/** 4776: the recording host checks NTLM credentials for a workstation. */
const credentialValidation: Mapping = (r, learn, source) => {
  const who = account(r.field('TargetUserName'), r.field('TargetDomainName'));
  return {
    type: 'auth',
    time: r.time,
    srcHost: remoteHost(r, r.field('Workstation'), '', learn),
    dstHost: r.host,
    srcAccount: who,
    dstAccount: who,
    protocol: 'NTLM',
    logonType: 'Unknown',
    action: 'CredentialValidation',
    success: succeeded(r),
    source,
  };
};

/** 4778: a session is taken up again, nearly always over Remote Desktop. */
const reconnect: Mapping = (r, learn, source) => {
  const who = account(r.field('AccountName'), r.field('AccountDomain'));
  return {
    type: 'auth',
    time: r.time,
    srcHost: remoteHost(r, r.field('ClientName'), r.field('ClientAddress'), learn),
    dstHost: r.host,
    srcAccount: who,
    dstAccount: who,
    protocol: 'Unknown',
    logonType: 'RemoteInteractive',
    action: 'LogOn',
    success: true,
    source,
  };
};

function succeeded(r: WindowsRecord): boolean {
  const status = r.field('Status');
  return status === '' || Number(status) === 0;
}

/** 4688 and 4689. A new process may run as another account than its maker's. */
function processEvent(action: 'Start' | 'End'): Mapping {
  return (r, _learn, source) => ({
    type: 'process',
    time: r.time,
    host: r.host,
    account:
      account(r.field('TargetUserName'), r.field('TargetDomainName')) ||
      account(r.field('SubjectUserName'), r.field('SubjectDomainName')),
    image: r.field(action === 'Start' ? 'NewProcessName' : 'ProcessName'),
    parentImage: action === 'Start' ? r.field('ParentProcessName') : '',
    action,
    source,
  });
}

/** Events of the Security channel that become canonical events. */
export const SECURITY_EVENTS: ReadonlyMap<number, Mapping> = new Map<number, Mapping>([
  [4624, logon(true)],
  [4625, logon(false)],
  [4634, logoff],
  [4647, logoff],
  [4648, explicitCredentials],
  [4768, ticket('TGT')],
  [4769, ticket('TGS')],
  [4771, ticket('TGT')],
  [4776, credentialValidation],
  [4778, reconnect],
  [4688, processEvent('Start')],
  [4689, processEvent('End')],
]);
