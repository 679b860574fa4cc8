import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  server: {
    port: Number(process.env.WEB_PORT ?? 4300),
    strictPort: true,
    proxy: { '/api': `http://127.0.0.1:${process.env.API_PORT ?? 4310}` },
  },
  build: { outDir: '../../dist/web', emptyOutDir: true },
});
