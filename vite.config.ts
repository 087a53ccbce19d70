import { vitePlugin as remix } from '@remix-run/dev';
import { defineConfig } from 'vite';
import { denyImports } from 'vite-env-only';

// Tells the types that loaders send more than JSON: dates arrive as dates.
declare module '@remix-run/server-runtime' {
  interface Future {
    v3_singleFetch: true;
  }
}

/**
 * The server bundle leaves our own modules to Node, so that `app/server.ts` and the routes share one instance of each:
 * one database pool, one environment, one set of error classes.
 */
function staysWithNode(id: string): boolean {
  return /^#app\/(?!routes\/|components\/).*\.ts$/.test(id);
}

export default defineConfig(({ isSsrBuild }) => ({
  publicDir: 'app/public',
  plugins: [
    denyImports({
      client: {
        // The domain says with `errors.ts` that an invariant broke, in the browser as on the server.
        files: [
          '**/app/{data,gateways,flows,jobs,queries,web,edge}/**',
          '**/app/lib/!(errors).*',
          '**/{workers,prisma,test}/**',
        ],
        specifiers: [/^node:/, 'zod'],
      },
    }),
    remix({
      appDirectory: 'app',
      buildDirectory: 'build',
      future: {
        v3_fetcherPersist: true,
        v3_lazyRouteDiscovery: true,
        v3_relativeSplatPath: true,
        v3_routeConfig: true,
        v3_singleFetch: true,
        v3_throwAbortReason: true,
      },
    }),
  ],
  ssr: { noExternal: [/^@shopify\/polaris/] },
  build: {
    // Small files as files: a data: URL would need its own exception in the content security policy.
    assetsInlineLimit: 0,
    rollupOptions: isSsrBuild ? { external: staysWithNode } : {},
  },
}));
