# No BuildKit-only features: docker with or without BuildKit, podman and buildah all build this.
ARG NODE_IMAGE=docker.io/library/node:24.19.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY local-cloud/package.json ./local-cloud/
# No dependency needs its install script, so none gets to run one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY tools ./tools
COPY local-cloud ./local-cloud
COPY src ./src
RUN npm run build

# The local cloud and what it needs stay out: the controller is a client of one as of AWS.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The declarations and source maps of the dependencies are two fifths of their size and serve nobody at run time.
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund \
 && find node_modules \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM ${NODE_IMAGE}
# The base brings package managers; a running controller needs none.
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /opt/yarn-* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/package.json ./
COPY --from=build /app/dist ./dist

# HOST stays unset on purpose: with a key the controller listens on every interface, without one on loopback only,
# and then nobody outside the container reaches it (docs/deploying.md).
ENV NODE_ENV=production
USER 1000:1000
EXPOSE 8999

# The root path /healthz answers whatever RESTAPI_URL_PREFIX is. A timeout of its own, since a killed check says nothing.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://${process.env.HOST || '127.0.0.1'}:${process.env.PORT || 8999}/healthz`, { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), (error) => { console.error(String(error.cause ?? error)); process.exit(1); })"]

# Node itself is PID 1 and handles SIGTERM; an npm or a shell in between would swallow it.
ENTRYPOINT ["node", "dist/main.js"]

# Last, so that another version or revision alone rebuilds nothing above.
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="workbench-controller" \
      org.opencontainers.image.description="Creates, starts, stops and destroys web workbenches: ECS tasks with their files on EFS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
