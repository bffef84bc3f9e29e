import { createHash } from 'node:crypto';
import type { Refusal } from './refusal.ts';
import { refusalPageStyle } from './refusalPageStyle.ts';

export interface Page {
  html: string;
  /** Allows the page's own style and nothing else, whatever would slip into it. */
  contentSecurityPolicy: string;
}

/** A page that needs nothing but itself: no script, no font, no picture. */
/** @param frameAncestors who may frame it, beside its own site */
export function refusalPage(refusal: Refusal, requestId: string, frameAncestors: readonly string[]): Page {
  const { title, message, hint, badge, busy, refreshSeconds, form, link, neverFramed } = refusal;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">${
    refreshSeconds === undefined ? '' : `\n<meta http-equiv="refresh" content="${refreshSeconds}">`
  }
<title>${escapeHtml(title)}</title>
<style>${refusalPageStyle}</style>
</head>
<body>
<main${busy ? ' aria-busy="true"' : ''}>
${badge === undefined ? '' : `<p class="badge${busy ? ' busy' : ''}">${escapeHtml(badge)}</p>\n`}<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(message)}</p>
${busy ? '<div class="progress" role="progressbar" aria-label="In progress"></div>\n' : ''}${
  hint === undefined ? '' : `<p class="hint">${escapeHtml(hint)}</p>\n`
}${link === undefined ? '' : `<p class="act"><a class="button" href="${escapeHtml(link.url)}">${escapeHtml(link.text)}</a></p>\n`}${
  form === undefined ? '' : formOf(form)
}</main>
<footer>${refusal.status} · ${escapeHtml(requestId)}</footer>
</body>
</html>
`;
  const ancestors = neverFramed ? "'none'" : ["'self'", ...frameAncestors].join(' ');
  const styleHash = createHash('sha256').update(refusalPageStyle).digest('base64');
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action ${formAction(form)}; frame-ancestors ${ancestors}`,
  };
}

function formAction(form: Refusal['form']): string {
  if (!form) return "'none'";
  return form.leadsAway ? "'self' https: http:" : "'self'";
}

function formOf({ action, button, fields }: NonNullable<Refusal['form']>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">\n`,
  );
  return `<form class="act" method="post" action="${escapeHtml(action)}">
${inputs.join('')}<button class="button">${escapeHtml(button)}</button>
</form>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
