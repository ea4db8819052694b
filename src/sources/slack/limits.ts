// Bounds of what is made of one thing of Slack, with unit and reason; those of all sources are in src/limits.ts.

export const slackLimits = {
  /** Reactions of one message that become events. Slack takes 23 emoji from one person and tells 50 people of each. */
  reactionsMax: 2_000,
  /** Files of one message; Slack takes 10 at once. */
  filesMax: 100,
  /** Attachments read for their text; Slack takes 100. */
  attachmentsMax: 100,
  /** Characters of readable text beside the message's own, of blocks and attachments. */
  extraTextCharsMax: 20_000,
  /** Levels of blocks that are looked into; Slack nests five. */
  blockDepthMax: 20,
} as const;
