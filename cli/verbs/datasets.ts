import { inspectDataset } from '../../datasets/inspect.ts';
import { renderInspection } from '../../datasets/inspect-text.ts';
import { type JsonOption, print } from '../output.ts';
import { Progress } from '../progress.ts';
import { wholeNumber } from '../usage.ts';

export interface InspectArguments extends JsonOption {
  readonly timeZone?: string;
  readonly rejects?: string;
  readonly maxRejects?: string;
}

export async function datasetsInspect(path: string, given: InspectArguments): Promise<void> {
  const progress = new Progress();
  let files = 0;
  const options = {
    ...(given.timeZone === undefined ? {} : { timeZone: given.timeZone }),
    ...(given.rejects === undefined ? {} : { rejectFile: given.rejects }),
    ...(given.maxRejects === undefined
      ? {}
      : { maxRejectShare: wholeNumber(given.maxRejects, '--max-rejects', 0, 100) / 100 }),
    onFile: () => progress.say(`Reading file ${++files}`),
  };
  const inspection = await inspectDataset(path, options).finally(() => progress.end());
  print(given.json === true, inspection, () => renderInspection(inspection));
}
