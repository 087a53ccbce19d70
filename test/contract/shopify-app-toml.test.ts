import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { apiVersion } from '#app/contracts/api-version.ts';
import { webhookTopics } from '#app/contracts/webhook-topics.ts';
import { lintAppToml, readAppToml, readExtensionVersions } from '#test/support/shopify-app-toml.ts';
import type { AppToml } from '#test/support/shopify-app-toml.ts';

import { appUrl } from '../../extensions/checkout-sign-up/src/app-url.ts';

const root = join(import.meta.dirname, '../..');

/** The real configuration with one change. */
function changed(change: (toml: AppToml) => void): string[] {
  const toml = readAppToml(root);
  change(toml);
  return lintAppToml(toml);
}

function subscriptionTo(toml: AppToml, topic: string): AppToml['webhooks']['subscriptions'][number] {
  const found = toml.webhooks.subscriptions.find(({ topics }) => topics?.includes(topic));
  if (found === undefined) throw new Error(`${topic} is not subscribed`);
  return found;
}

describe('shopify.app.toml', () => {
  test('names existing topics, an existing handler for each, and no scope too many or too few', () => {
    expect(lintAppToml(readAppToml(root))).toEqual([]);
  });

  test('agrees with the extensions and the code on one API version', () => {
    const versions = readExtensionVersions(root);
    expect(Object.keys(versions).toSorted()).toEqual(['checkout-sign-up', 'pos-loyalty', 'theme-loyalty']);
    expect(new Set(Object.values(versions))).toEqual(new Set([apiVersion]));
    expect(readAppToml(root).webhooks.api_version).toBe(apiVersion);
  });

  test('gives the checkout extension the address it calls', () => {
    expect(appUrl).toBe(readAppToml(root).application_url);
  });

  test('asks for every compliance topic and not for orders/create, which the code still understands', () => {
    const { subscriptions } = readAppToml(root).webhooks;
    const compliance = subscriptions.flatMap((subscription) => subscription.compliance_topics ?? []);
    expect(compliance.toSorted()).toEqual(['customers/data_request', 'customers/redact', 'shop/redact']);
    expect(subscriptions.flatMap(({ topics }) => topics ?? [])).not.toContain('orders/create');
    expect(webhookTopics['orders/create'].handler).toBe('settle-order');
  });
});

describe('the lint of shopify.app.toml', () => {
  test('refuses a misspelt topic', () => {
    const problems = changed((toml) => {
      subscriptionTo(toml, 'orders/paid').topics = ['orders/payd'];
    });
    expect(problems).toContain('orders/payd is no topic');
    expect(problems).toContain('orders/payd has no handler');
    expect(problems).toContain('orders/paid is subscribed in only one of toml and code');
  });

  test('refuses a topic that names another handler than the code does', () => {
    const problems = changed((toml) => {
      subscriptionTo(toml, 'orders/edited').name = 'settle-order_edited';
    });
    expect(problems).toEqual(['orders/edited is handled by refetch-order, not as settle-order_edited says']);
  });

  test('refuses a handler that does not exist, and a name used twice', () => {
    const problems = changed((toml) => {
      subscriptionTo(toml, 'orders/paid').name = 'pay-order_paid';
      subscriptionTo(toml, 'orders/cancelled').name = 'settle-order_updated';
    });
    expect(problems).toContain('pay-order_paid names no handler');
    expect(problems).toContain('the name settle-order_updated is used twice');
  });

  test('refuses a topic asked for twice', () => {
    const problems = changed((toml) => {
      toml.webhooks.subscriptions.push({ ...subscriptionTo(toml, 'orders/paid'), name: 'settle-order_again' });
    });
    expect(problems).toEqual(['orders/paid is subscribed twice']);
  });

  test('refuses another API version', () => {
    const problems = changed((toml) => {
      toml.webhooks.api_version = '2026-04';
    });
    expect(problems).toEqual([`version 2026-04 is not ${apiVersion}`]);
  });

  test('refuses a proxy that forwards anywhere else', () => {
    const problems = changed((toml) => {
      toml.app_proxy.url = 'https://elsewhere.example/proxy/v1';
    });
    expect(problems).toEqual([
      'the proxy forwards to https://elsewhere.example/proxy/v1, not to https://stampwell.example/proxy/v1',
    ]);
  });

  test('refuses a missing scope and one without a use', () => {
    const problems = changed((toml) => {
      toml.access_scopes.scopes = toml.access_scopes.scopes.replace('read_customer_merge', 'read_themes');
    });
    expect(problems).toEqual(['customers/merge needs read_customer_merge', 'nothing needs read_themes']);
  });
});
