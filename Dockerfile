# syntax=docker/dockerfile:1
# The services of Callspan: one image, one process a container. docker-compose.yml says which service a container runs.
# It runs as an ordinary user on a file system that is read-only: data goes to volumes, scratch to /tmp.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
# Packages of their own layer: they change less often than sources.
COPY package.json package-lock.json .npmrc ./
COPY otel/package.json otel/
RUN npm ci --omit=dev --no-audit --no-fund --loglevel=error
COPY otel otel
COPY services services
COPY thresholds/generated thresholds/generated
# The page is built here, after its sources are there: a viewer that finds it fresh builds nothing.
RUN node services/viewer/page/build.ts --force
COPY scripts/doctor scripts/doctor
COPY scripts/backup scripts/backup
# Node is the image's own, and what only builds the page is not needed any more.
RUN rm -rf node_modules/node-linux-* node_modules/.bin node_modules/.cache node_modules/vite node_modules/@vitejs \
      node_modules/rolldown node_modules/@rolldown node_modules/lightningcss* node_modules/react node_modules/react-dom

FROM node:24.21.0-bookworm-slim
# Nobody installs anything in here.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*
WORKDIR /app
COPY --from=build /app /app
# Without the last one the C library keeps what V8's compiling threads have freed.
ENV NODE_ENV=production CALLSPAN_DATA_DIR=/data LOG_FORMAT=json MALLOC_ARENA_MAX=2
USER 1000:1000
# Without the two sizes V8 lets the old space of a big machine grow to 256 MB before it looks for garbage at all.
ENTRYPOINT ["node", "--conditions=source", "--initial-old-space-size=32", "--max-semi-space-size=8"]
CMD ["--require", "./otel/preload.cjs", "services/bot/main.ts"]
