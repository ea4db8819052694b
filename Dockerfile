# The Tributary worker. glibc, not Alpine: Temporal's native core has no build for musl.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
# .dockerignore lets through what the build reads and nothing else.
COPY . .
# Compiles, and bundles the workflows: a worker that starts needs no bundler.
RUN npm run build

FROM ${NODE_IMAGE}
# git reads repositories; ssh reaches those that need a key.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages are the embedded Postgres and the bundler's compiler; neither has work here.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY sql ./sql
COPY sh ./sh
COPY bin ./bin
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/dist/workflow-bundle.js ./dist/workflow-bundle.js
# Mirrors of repositories: a cache, made again where it is missing.
RUN chmod 755 bin/tributary.js && ln -s /app/bin/tributary.js /usr/local/bin/tributary \
  && install -d -o node -g node -m 0700 /var/lib/tributary
ENV TRIBUTARY_HOME=/var/lib/tributary
USER node
# Asks Temporal whether this container's worker has polled of late.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "dist/src/workers/health.js"]
# The heap flags of the embedded worker (src/worker-memory.ts) for 400 MiB.
CMD ["node", "--max-old-space-size=192", "--max-semi-space-size=16", "--enable-source-maps", "dist/src/workers/main.js"]
