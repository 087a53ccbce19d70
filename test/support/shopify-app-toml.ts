import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'smol-toml';
import { z } from 'zod';

import { apiVersion } from '#app/contracts/api-version.ts';
import { isWebhookTopic, webhookHandlerNames, webhookTopics } from '#app/contracts/webhook-topics.ts';
import knownScopes from '#test/contract/fixtures/access-scopes.json' with { type: 'json' };
import known from '#test/contract/fixtures/webhook-topics.json' with { type: 'json' };

/** What the configuration of the app must be for us; Shopify's own tool lets misspelt topics pass. */
const subscriptionSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,50}$/),
  topics: z.array(z.string()).length(1).optional(),
  compliance_topics: z.array(z.string()).length(1).optional(),
  uri: z.literal('/webhooks/shopify'),
});

const appSchema = z.object({
  client_id: z.string().min(1),
  name: z.literal('Stampwell'),
  application_url: z.url({ protocol: /^https$/ }),
  embedded: z.literal(true),
  access_scopes: z.object({ scopes: z.string(), optional_scopes: z.array(z.string()) }),
  auth: z.object({ redirect_urls: z.array(z.url()).min(1) }),
  app_proxy: z.object({ url: z.string(), prefix: z.literal('apps'), subpath: z.literal('stampwell') }),
  pos: z.object({ embedded: z.literal(false) }),
  webhooks: z.object({ api_version: z.string(), subscriptions: z.array(subscriptionSchema) }),
});

export type AppToml = z.infer<typeof appSchema>;

const complianceTopics = ['customers/data_request', 'customers/redact', 'shop/redact'];

/** What each scope is for, in the names of the Admin API. A scope without a use is one too many. */
const usesOfScopes: Record<string, (keyof typeof knownScopes.anyOfScopes)[]> = {
  read_customers: ['Customer', 'QueryRoot.customerByIdentifier'],
  read_locations: ['Location'],
  read_markets: ['Market'],
  read_orders: ['Order'],
  read_products: ['Product'],
  read_store_credit_accounts: ['StoreCreditAccount'],
  write_customers: ['Mutation.customerSet'],
  write_discounts: [
    'Mutation.discountCodeBasicCreate',
    'Mutation.discountCodeFreeShippingCreate',
    'Mutation.discountCodeDeactivate',
  ],
  write_gift_cards: ['Mutation.giftCardCreate', 'Mutation.giftCardDeactivate', 'GiftCard'],
  write_store_credit_account_transactions: ['Mutation.storeCreditAccountCredit', 'Mutation.storeCreditAccountDebit'],
};

export function readAppToml(root: string): AppToml {
  return appSchema.parse(parse(readFileSync(join(root, 'shopify.app.toml'), 'utf8')));
}

/** The API version each extension asks for, by folder. */
export function readExtensionVersions(root: string): Record<string, unknown> {
  const folders = readdirSync(join(root, 'extensions'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    folders.map(({ name }) => {
      const toml = parse(readFileSync(join(root, 'extensions', name, 'shopify.extension.toml'), 'utf8'));
      return [name, toml['api_version']];
    }),
  );
}

/** Everything wrong with the configuration, one sentence each; empty when it is right. */
export function lintAppToml(toml: AppToml): string[] {
  return [
    ...lintVersion(toml),
    ...lintProxy(toml),
    ...lintSubscriptions(toml),
    ...lintTopics(toml),
    ...lintScopes(toml),
  ];
}

function lintVersion({ webhooks }: AppToml): string[] {
  return [webhooks.api_version, known.apiVersion, knownScopes.apiVersion]
    .filter((version) => version !== apiVersion)
    .map((version) => `version ${version} is not ${apiVersion}`);
}

/** The theme's blocks ask a fixed address of the shop, which has to end at ours. */
function lintProxy({ app_proxy: proxy, application_url: app }: AppToml): string[] {
  return proxy.url === `${app}/proxy/v1` ? [] : [`the proxy forwards to ${proxy.url}, not to ${app}/proxy/v1`];
}

function lintSubscriptions({ webhooks }: AppToml): string[] {
  const names = webhooks.subscriptions.map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...repeated.map((name) => `the name ${name} is used twice`),
    ...names
      .filter((name) => !webhookHandlerNames.some((handler) => name.startsWith(`${handler}_`)))
      .map((name) => `${name} names no handler`),
  ];
}

function lintTopics({ webhooks }: AppToml): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { name, topics = [], compliance_topics: compliance = [] } of webhooks.subscriptions) {
    for (const topic of topics) if (!Object.hasOwn(known.topics, topic)) problems.push(`${topic} is no topic`);
    for (const topic of compliance) {
      if (!complianceTopics.includes(topic)) problems.push(`${topic} is no compliance topic`);
    }
    for (const topic of [...topics, ...compliance]) {
      if (seen.has(topic)) problems.push(`${topic} is subscribed twice`);
      seen.add(topic);
      if (!isWebhookTopic(topic)) problems.push(`${topic} has no handler`);
      else if (!name.startsWith(`${webhookTopics[topic].handler}_`)) {
        problems.push(`${topic} is handled by ${webhookTopics[topic].handler}, not as ${name} says`);
      }
    }
  }
  const missing = Object.entries(webhookTopics).filter(([topic, entry]) => entry.isSubscribed !== seen.has(topic));
  return [...problems, ...missing.map(([topic]) => `${topic} is subscribed in only one of toml and code`)];
}

function lintScopes({ access_scopes: access, webhooks }: AppToml): string[] {
  const granted = access.scopes.split(',');
  const topics: [string, { anyOfScopes: string[] }][] = Object.entries(known.topics);
  const subscribed = webhooks.subscriptions.flatMap((subscription) => subscription.topics ?? []);
  const needs = topics
    .filter(([topic]) => subscribed.includes(topic))
    .map(([topic, { anyOfScopes }]) => ({ topic, anyOfScopes }));
  const starved = needs.filter(
    ({ anyOfScopes }) => anyOfScopes.length > 0 && !anyOfScopes.some((scope) => granted.includes(scope)),
  );
  const idle = [...granted, ...access.optional_scopes].filter((scope) => {
    const isForTopic = needs.some(({ anyOfScopes }) => anyOfScopes.includes(scope));
    const isForCall = (usesOfScopes[scope] ?? []).some((use) => knownScopes.anyOfScopes[use].includes(scope));
    return !isForTopic && !isForCall;
  });
  return [
    ...starved.map(({ topic, anyOfScopes }) => `${topic} needs ${anyOfScopes.join(' or ')}`),
    ...idle.map((scope) => `nothing needs ${scope}`),
  ];
}
