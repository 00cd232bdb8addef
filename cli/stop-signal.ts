import type { JsonOption } from './output.ts';

/** What the verbs take that run until they are stopped. */
export interface ServiceArguments extends JsonOption {
  readonly untilStdinEnds?: true;
}

/** Resolves at the first SIGINT or SIGTERM (or the end of standard input); a second signal ends the process at once. */
export function onStopSignal({
  untilStdinEnds,
}: Pick<ServiceArguments, 'untilStdinEnds'> = {}): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    if (untilStdinEnds) process.stdin.once('close', stop).once('end', stop).resume().unref();
  });
}
