import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The server's own policy, so that what it would refuse is seen while the page is being written.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page that most people open first; its programs are loaded with the first ones, not after them. */
const FIRST_PAGE = "/src/pages/Trades.tsx";

function loadsFirstPage(): Plugin {
  return {
    name: "load-first-page",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
        const first = chunks.find((one) => one.facadeModuleId?.endsWith(FIRST_PAGE));
        const wanted = new Set<string>();
        const add = (name: string) => {
          if (wanted.has(name) || html.includes(name)) return;
          wanted.add(name);
          for (const next of chunks.find((one) => one.fileName === name)?.imports ?? []) add(next);
        };
        if (first !== undefined) add(first.fileName);
        return [...wanted].map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${name}` },
          injectTo: "head",
        }));
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), loadsFirstPage()],
  base: "/",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // The policy of the page allows no inline scripts, styles or data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8050" } },
  preview: {
    headers: { "Content-Security-Policy": POLICY },
    proxy: { "/api": "http://127.0.0.1:8050" },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
    css: { include: [/kit\.css/] },
    env: { TZ: "America/New_York" },
  },
});
