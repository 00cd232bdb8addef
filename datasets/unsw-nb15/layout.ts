import type { FlowTable } from '../flow-table/read.ts';

/** The 49 columns of UNSW-NB15_1.csv to _4.csv, which have no header (NUSW-NB15_features.csv names them). */
export const RAW_COLUMNS: readonly string[] = (
  'srcip,sport,dstip,dsport,proto,state,dur,sbytes,dbytes,sttl,dttl,sloss,dloss,service,sload,dload,spkts,dpkts,swin,' +
  'dwin,stcpb,dtcpb,smeansz,dmeansz,trans_depth,res_bdy_len,sjit,djit,stime,ltime,sintpkt,dintpkt,tcprtt,synack,ackdat,' +
  'is_sm_ips_ports,ct_state_ttl,ct_flw_http_mthd,is_ftp_login,ct_ftp_cmd,ct_srv_src,ct_srv_dst,ct_dst_ltm,ct_src_ltm,' +
  'ct_src_dport_ltm,ct_dst_sport_ltm,ct_dst_src_ltm,attack_cat,label'
).split(',');

/** A table of UNSW-NB15 and the two columns of its labels. */
export interface UnswLayout {
  readonly table: FlowTable;
  readonly attackClass: number;
  /** 0 or 1. */
  readonly label: number;
}

/** The layout of a table with these column names, lower-case; null where it is not one of UNSW-NB15. */
export function unswLayout(names: readonly string[]): UnswLayout | null {
  const needed = ['dur', 'proto', 'service', 'spkts', 'dpkts', 'sbytes', 'dbytes', 'attack_cat', 'label'];
  if (!needed.every((name) => names.includes(name))) return null;
  const column = (name: string): number => names.indexOf(name);
  const optional = (name: string): number | null => (names.includes(name) ? column(name) : null);
  const table: FlowTable = {
    names,
    time: optional('stime'),
    srcHost: optional('srcip'),
    srcPort: optional('sport'),
    dstHost: optional('dstip'),
    dstPort: optional('dsport'),
    protocol: column('proto'),
    service: column('service'),
    duration: column('dur'),
    durationUnit: 1000,
    packetsOut: column('spkts'),
    packetsIn: column('dpkts'),
    bytesOut: column('sbytes'),
    bytesIn: column('dbytes'),
  };
  return { table, attackClass: column('attack_cat'), label: column('label') };
}
