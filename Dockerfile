# syntax=docker/dockerfile:1
# Two images: `service`, the last stage and so the default (server, worker, command line), and `backup`, which has the PostgreSQL 17 client too.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY prisma.config.ts ./
COPY prisma prisma
COPY src src
COPY plugins plugins
COPY web web
COPY infra/docker infra/docker
# Some file has to be named, or Prisma downloads an engine that migrations do not use.
RUN PRISMA_SCHEMA_ENGINE_BINARY=/bin/true node node_modules/prisma/build/index.js generate && node web/build.ts
# Readable by everybody: sources that were checked out under a strict umask are not.
RUN npm prune --omit=dev --ignore-scripts --no-save && node infra/docker/slim-modules.ts \
  && rm -rf web infra prisma.config.ts package-lock.json .npmrc && chmod -R a+rX .

FROM debian:bookworm-slim AS backup
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates=2023* postgresql-common=248* \
  && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
  && apt-get install --yes --no-install-recommends postgresql-client-17=17.* libstdc++6=12* \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=65532 --group=65532 --mode=0700 /backups
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
WORKDIR /app
# graphile-worker asks for a home, and a user without a name has none.
ENV NODE_ENV=production HOME=/tmp PG_BIN_DIR=/usr/lib/postgresql/17/bin
USER 65532:65532
ENTRYPOINT ["node", "--max-semi-space-size=1", "src/cli.ts"]
CMD ["backup", "run"]

# The C and C++ libraries that Node needs, certificates, and nothing else: a quarter of what Node's own image weighs beside Node.
FROM gcr.io/distroless/cc-debian12:nonroot AS service
# For platforms that wrap commands in a shell.
COPY --from=build /bin/dash /bin/sh
COPY --from=build /usr/local/bin/node /usr/local/bin/node
# Root's: the service can change none of its own files, and writes nothing but /tmp.
COPY --from=build /app /app
WORKDIR /app
ENV NODE_ENV=production HOME=/tmp
USER 65532:65532
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/server.ts"]
