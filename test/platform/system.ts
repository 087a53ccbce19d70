/**
 * A whole running Stampwell with the outside world stood in: the rig of the demo and of every end-to-end test.
 * Web and worker processes are the real ones; Shopify, APNs and Google Wallet are stand-ins over real HTTP.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { migrate } from '#prisma/migrate.ts';
import { createAdminShell } from '#test/platform/admin-shell.ts';
import { startApns } from '#test/platform/apns.ts';
import type { ApnsPlatform } from '#test/platform/apns.ts';
import { ensureBuild } from '#test/platform/build.ts';
import { ensureCertificates, readCertificates } from '#test/platform/certificates.ts';
import type { CertificatePems } from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { startGoogleWallet } from '#test/platform/google-wallet.ts';
import type { GoogleWalletPlatform } from '#test/platform/google-wallet.ts';
import { call } from '#test/platform/http.ts';
import { ensureKeys } from '#test/platform/keys.ts';
import { startMail } from '#test/platform/mail.ts';
import type { MailPlatform } from '#test/platform/mail.ts';
import { mailPage, openConfirmation } from '#test/platform/mailbox.ts';
import { createPhone } from '#test/platform/phone.ts';
import type { Phone, PhoneEvent } from '#test/platform/phone.ts';
import { startPlatformServer } from '#test/platform/platform-server.ts';
import type { PlatformServer } from '#test/platform/platform-server.ts';
import { freePort, startTlsFront } from '#test/platform/ports.ts';
import { startProcess } from '#test/platform/processes.ts';
import type { ManagedProcess, Role } from '#test/platform/processes.ts';
import { createShopAdder, runShopAdd } from '#test/platform/run-shop-add.ts';
import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { createShopify } from '#test/platform/shopify.ts';
import type { Shopify } from '#test/platform/shopify.ts';
import { buildEnvironment, preset, readScopes } from '#test/platform/system-environment.ts';
import type { SystemAddresses } from '#test/platform/system-environment.ts';
import type { WebhookSenderOptions } from '#test/platform/webhook-sender.ts';

const readyTimeoutMs = 60_000;

export type SystemOptions = {
  databaseUrl: string;
  stage?: 'test' | 'demo';
  webCount?: number;
  workerCount?: number;
  /** The lanes of each worker, such as `ingest,wallet`; a worker without an entry works all of them. */
  workerLanes?: string[];
  /** The port of the first web process; absent is any free one. */
  port?: number;
  platformPort?: number;
  /** Whether webhooks go to all web processes in turns, as a balancer would send them; otherwise to the first. */
  isWebhookSpread?: boolean;
  /** Whether a crashed process comes back by itself. Killing one through `kill` is no crash. */
  isRestarting?: boolean;
  /** Set for every process, over what the system decides. */
  environment?: Record<string, string>;
  webhooks?: Pick<WebhookSenderOptions, 'attemptsMax' | 'retryBaseMs' | 'retryMaxMs' | 'timeoutMs' | 'onAttempt'>;
  onLine?: (name: string, line: string) => void;
  /** Told before each step of the start. */
  onProgress?: (step: string) => void;
};

export type System = {
  addresses: SystemAddresses;
  /** What the processes were given, secrets included. */
  environment: Record<string, string>;
  shopify: Shopify;
  platform: PlatformServer;
  /** Null when the address of another one was given. */
  apns: ApnsPlatform | null;
  google: GoogleWalletPlatform | null;
  /** Its people open the links they are mailed; null when the address of another server was given. */
  mail: MailPlatform | null;
  certificates: CertificatePems;
  /** A new phone; it is woken by the pushes that reach the APNs stand-in. */
  createPhone: (onEvent?: (event: PhoneEvent) => void) => Phone;
  /** Installs a shop with a published program, without a browser. */
  addShop: (domain: string) => Promise<AddedShop>;
  pid: (role: Role, index?: number) => number | undefined;
  /** Ends a process by a signal; it stays down until `restart`. Resolves with its exit status. */
  kill: (role: Role, index?: number, signal?: NodeJS.Signals) => Promise<number | null>;
  /** Starts a process that was killed and, for web, waits until it is ready. */
  restart: (role: Role, index?: number) => Promise<void>;
  stop: () => Promise<void>;
};

type StandIns = {
  apns: ApnsPlatform | null;
  google: GoogleWalletPlatform | null;
  mail: MailPlatform | null;
  phones: Set<Phone>;
};

async function startStandIns(
  options: SystemOptions,
  { certificates, ports }: { certificates: CertificatePems; ports: number[] },
): Promise<StandIns> {
  const phones = new Set<Phone>();
  const onPush = (push: { pushToken: string }): void => {
    for (const phone of phones) phone.receivePush(push.pushToken);
  };
  const apns = preset(options.environment, 'APNS_URL') === undefined ? await startApns({ certificates, onPush }) : null;
  const { googleServiceAccount } = ensureKeys(dataDirectory()).keys;
  const google =
    preset(options.environment, 'GOOGLE_WALLET_URL') === undefined
      ? await startGoogleWallet({ serviceAccount: googleServiceAccount })
      : null;
  const appUrl = `http://127.0.0.1:${ports[0] ?? 0}`;
  const mail =
    preset(options.environment, 'SMTP_URL') === undefined
      ? await startMail({ onMail: (told) => void openConfirmation(told, appUrl).catch(() => undefined) })
      : null;
  return { apns, google, mail, phones };
}

async function waitUntilReady(url: string, child: ManagedProcess, hasGivenUp: () => boolean): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (performance.now() < deadline) {
    const answer = await call({ url: `${url}/readyz`, timeoutMs: 2000 }).catch(() => null);
    if (answer?.status === 200) return;
    if (hasGivenUp()) break;
    await delay(50);
  }
  throw new Error(`${child.name} did not become ready:\n${child.tail()}`);
}

function startRole(
  role: Role,
  index: number,
  settings: { options: SystemOptions; environment: Record<string, string>; port: number | undefined },
): ManagedProcess {
  const { options, environment, port } = settings;
  const name = `${role}-${index + 1}`;
  const onLine = options.onLine ?? (() => undefined);
  const lanes = role === 'worker' ? options.workerLanes?.[index] : undefined;
  return startProcess({
    name,
    program: role === 'web' ? 'app/server.ts' : 'workers/main.ts',
    arguments: lanes === undefined ? [] : ['--lanes', lanes],
    environment: { ...process.env, ...environment, ...(port === undefined ? {} : { PORT: String(port) }) },
    isRestarting: options.isRestarting ?? false,
    onLine: (line) => onLine(name, line),
    onCrash: (reason) => onLine(name, `! ${reason}`),
  });
}

type Outside = StandIns & {
  shopify: Shopify;
  platform: PlatformServer;
  certificates: CertificatePems;
  addresses: SystemAddresses;
  environment: Record<string, string>;
  ports: number[];
  close: () => Promise<void>;
};

async function choosePorts(options: SystemOptions): Promise<number[]> {
  const ports = [options.port ?? (await freePort())];
  while (ports.length < (options.webCount ?? 1)) ports.push(await freePort());
  return ports;
}

/** Everything the product talks to, before the product itself runs. */
async function startOutside(options: SystemOptions): Promise<Outside> {
  const files = await ensureCertificates(path.join(dataDirectory(), 'certificates'));
  const certificates = await readCertificates(files);
  const ports = await choosePorts(options);
  // People open mails where the processes answer, whatever address the app goes by.
  const standIns = await startStandIns(options, { certificates, ports });
  const { serverCertificate: certificate, serverKey: key } = certificates;
  const tlsFront = await startTlsFront({ certificate, key, targetPort: () => ports[0] ?? 0 });
  const platform = await startPlatformServer(options.platformPort ?? 0);
  const webs = ports.map((port) => `http://127.0.0.1:${port}`);
  const app = preset(options.environment, 'APP_URL') ?? webs[0] ?? '';
  let turn = 0;
  const nextWeb = () => webs[options.isWebhookSpread === true ? turn++ % webs.length : 0];
  const addresses = { app, wallet: tlsFront.url, platform: platform.url, webs };
  const environment = buildEnvironment({
    given: options.environment,
    stage: options.stage ?? 'test',
    databaseUrl: options.databaseUrl,
    addresses,
    apnsUrl: standIns.apns?.url,
    googleUrl: standIns.google?.url,
    smtpUrl: standIns.mail?.url,
    files,
  });
  const [apiSecret = ''] = (environment['SHOPIFY_API_SECRET'] ?? '').split(',');
  const shopify = createShopify({
    app: { apiKey: environment['SHOPIFY_API_KEY'] ?? '', apiSecret },
    scopes: await readScopes(),
    webhookUrl: () => `${nextWeb()}/webhooks/shopify`,
    ...(options.webhooks === undefined ? {} : { webhooks: options.webhooks }),
  });
  platform.add(async (request, response, url) => {
    if (!url.pathname.startsWith('/shopify/')) return false;
    await shopify.handle(request, response);
    return true;
  });
  platform.add(createAdminShell({ shopify, appUrl: app }));
  platform.add(mailPage(standIns.mail));
  const close = async (): Promise<void> => {
    shopify.close();
    for (const phone of standIns.phones) phone.close();
    await Promise.all([
      platform.close(),
      tlsFront.close(),
      standIns.apns?.close(),
      standIns.google?.close(),
      standIns.mail?.close(),
    ]);
  };
  return { ...standIns, shopify, platform, certificates, addresses, environment, ports, close };
}

/**
 * Migrates the database, builds the app when needed, starts everything and resolves when the web processes are ready.
 * When a part does not start, what did start is stopped and the error says what it wrote.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const progress = options.onProgress ?? (() => undefined);
  progress('building the pages (half a minute, the first time)');
  await ensureBuild();
  progress('preparing the database');
  await migrate(options.databaseUrl);
  progress('starting web, worker and wallets');
  const outside = await startOutside(options);
  const { environment, addresses, certificates, phones } = outside;
  const processes: Record<Role, ManagedProcess[]> = {
    web: outside.ports.map((port, index) => startRole('web', index, { options, environment, port })),
    worker: Array.from({ length: options.workerCount ?? 1 }, (_, index) =>
      startRole('worker', index, { options, environment, port: undefined }),
    ),
  };
  const adder = createShopAdder(environment);
  const stop = async (): Promise<void> => {
    await Promise.all([adder.close(), ...[...processes.web, ...processes.worker].map((child) => child.stop())]);
    await outside.close();
  };
  try {
    await Promise.all(
      processes.web.map((child, index) => waitUntilReady(addresses.webs[index] ?? '', child, () => !child.isRunning())),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    addresses,
    environment,
    shopify: outside.shopify,
    platform: outside.platform,
    apns: outside.apns,
    google: outside.google,
    mail: outside.mail,
    certificates,
    createPhone: (onEvent) => {
      const phone = createPhone({ rootPem: certificates.root, ...(onEvent === undefined ? {} : { onEvent }) });
      phones.add(phone);
      return phone;
    },
    // A demo adds a shop of its own and no more; the command for others is then run beside it.
    addShop: (domain) => (options.stage === 'demo' ? runShopAdd(domain, environment) : adder.add(domain)),
    ...processControls(processes, addresses.webs),
    stop,
  };
}

function processControls(
  processes: Record<Role, ManagedProcess[]>,
  webs: string[],
): Pick<System, 'pid' | 'kill' | 'restart'> {
  const processOf = (role: Role, index: number): ManagedProcess => {
    const child = processes[role][index];
    if (child === undefined) throw new Error(`there is no ${role} ${index}`);
    return child;
  };
  return {
    pid: (role, index = 0) => processOf(role, index).pid(),
    kill: (role, index = 0, signal = 'SIGKILL') => processOf(role, index).kill(signal),
    restart: async (role, index = 0) => {
      const child = processOf(role, index);
      child.start();
      // Started while others are killed, it may have to be started once more.
      if (role === 'web') await waitUntilReady(webs[index] ?? '', child, child.isOver);
    },
  };
}
