// Bounds of webhooks, each with its unit and reason.
export const webhookLimits = {
  /** How far a signed time may be from ours, both ways: what Slack, Stripe and Standard Webhooks say. */
  toleranceMs: 300_000,
  /** Characters of a secret. Slack's have 32, GitHub's are what people choose; a short one is guessed from one delivery. */
  secretCharsMin: 24,
  /** Signatures in one header: one for each secret that is valid at the sender. */
  signaturesMax: 10,
  /** Characters of what a header calls the event, and of any header that is kept. */
  eventNameCharsMax: 100,
  keptHeaderCharsMax: 500,
} as const;
