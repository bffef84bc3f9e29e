import process from 'node:process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { PATIENCE_MS } from '../support/eventually.ts';

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    timeout: PATIENCE_MS,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  });
}

/** A page, and all that went wrong on it: faults of scripts, what its policy forbade, and requests to other hosts. */
export async function openPage(browser: Browser, hosts: readonly string[]): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !hosts.includes(new URL(request.url()).host)) faults.push(request.url());
  });
  return { page, faults };
}
