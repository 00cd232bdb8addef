import type { FeatureSet } from '../../models/detection/feature-sets.ts';
import type { AnswersInStep } from '../analytics/answers-in-step.ts';
import type { IncidentSource } from '../telemetry/load-incidents.ts';
import type { PrepareOptions } from '../train/site-builder.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { AlertedSite } from '../alerts/open-desk.ts';
import type { Watched } from './follower.ts';

/** What the samples are drawn with, and what else the events are told to. */
export type Learning = Pick<PrepareOptions, 'seed' | 'onEvent'> & {
  /** What `onEvent` has made of the events so far; it goes into the checkpoint. */
  readonly counts?: { snapshot(): Uint8Array; restore(snapshot: Uint8Array): void };
  /** Where rows are of `edge-v2`: the answers that they read. */
  readonly answers?: AnswersInStep;
};

/** What scores rows as they come. */
export type LiveAlerts = Pick<AlertDesk, 'take' | 'settle' | 'arm' | 'refresh' | 'snapshot' | 'begin'>;

/** What decides how a site's logs are followed; durations in milliseconds. */
export interface LiveOptions {
  /** The folder whose logs are followed. */
  readonly watch: string;
  /** Whose wall clock times without a zone are read by, as an IANA name; UTC where left out. */
  readonly timeZone?: string;
  /** Own folder: the checkpoint stands in it. */
  readonly state: string;
  /** What is labelled while the logs are followed counts from the next look at them on. */
  readonly incidents: Pick<IncidentSource, 'index' | 'changed'>;
  readonly trainUntil: number | null;
  /** What the samples are drawn with, and what else the events are told to. */
  readonly learning: Learning;
  readonly pollMs: number;
  readonly holdMs: number;
  readonly checkpointMs: number;
  /** More folders that are followed the same way. */
  readonly also?: readonly Watched[];
  /** Gets the features of every event that has some, in the order of the stream; the array is used again. */
  readonly onRow?: (row: Float32Array, event: AuthEvent) => void;
  /** What scores the rows, made for the site that is opened. */
  readonly alerts?: (site: AlertedSite) => LiveAlerts;
}

/** What rows of these options hold. */
export function featuresOf({ answers }: Learning): FeatureSet {
  return answers ? 'edge-v2' : 'edge-v1';
}
