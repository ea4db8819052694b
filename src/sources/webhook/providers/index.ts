import type { Provider } from '../delivery.js';
import type { WebhookOptions } from '../options.js';
import { github } from './github.js';
import { hmac } from './hmac.js';
import { slack } from './slack.js';
import { standard } from './standard.js';
import { stripe } from './stripe.js';

const fixed: Readonly<Record<Exclude<WebhookOptions['provider'], 'hmac'>, Provider>> = {
  github,
  slack,
  standard,
  stripe,
};

export function providerOf(options: WebhookOptions): Provider {
  return options.provider === 'hmac' ? hmac(options) : fixed[options.provider];
}
