import { CordonError } from '../../protocol/errors.ts';

/**
 * What the other side says went wrong, in its own words. It carries no signature, so it decides nothing for good: whoever
 * sits on the line could have said it.
 */
export class RemoteRefusal extends CordonError {}
