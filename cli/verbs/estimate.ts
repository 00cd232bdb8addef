import { estimateText, securityEstimate } from '../../experiments/security/estimate.ts';
import { type JsonOption, print } from '../output.ts';

/** What the parameters of the secure sum withstand, and how often an honest sum fails. */
export function estimate(options: JsonOption): void {
  const value = securityEstimate();
  print(options.json === true, value, () => estimateText(value));
}
