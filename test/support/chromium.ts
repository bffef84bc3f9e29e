import { existsSync } from 'node:fs';
import process from 'node:process';
import { type Browser, chromium } from 'playwright-core';
import { PATIENCE_MS } from './eventually.ts';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Whether there is a browser to test with; says so where there is none. */
export function hasChromium(): boolean {
  const installed = existsSync(executablePath);
  if (!installed) process.stderr.write('chromium is not installed (CHROMIUM_PATH): the pages go unseen here\n');
  return installed;
}

export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    timeout: PATIENCE_MS,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
