/** What became of a dead letter, as people ask for them. */
export const letterStates = ['open', 'redriven', 'discarded', 'all'] as const;
