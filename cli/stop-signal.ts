import type { JsonOption } from './output.ts';

/** What the verbs take that run until they are stopped. */
export interface ServiceArguments extends JsonOption {
  readonly untilStdinEnds?: true;
}

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP (the terminal was closed), or at the end of standard input. A second
 * SIGINT or SIGTERM ends the process at once; not a second SIGHUP, because a terminal that closes sends it more than once.
 *
 * `nohup` cannot be told: Node undoes at its start what was ignored before, and without a listener SIGHUP ends it.
 */
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
    let hungUp = false;
    process.on('SIGHUP', () => {
      if (!hungUp) stop();
      hungUp = true;
    });
    if (untilStdinEnds) process.stdin.once('close', stop).once('end', stop).resume().unref();
  });
}
