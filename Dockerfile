# The daemon: receives, stores, and shows Prometheus and Grafana what it has. docker-compose.yml runs it.
# Tests run these steps as shell commands; paths are absolute, and below a folder that test/stack/support/dockerfile.ts knows.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages ./packages
# What the lock file says, and nothing that only development needs.
RUN npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
# Whose transcripts are read: docker/make-env.sh writes down who you are.
ARG UID=1000
COPY --from=build /app /app
COPY docker/config.json /etc/moai-metrics/config.json
COPY docker/daemon.sh docker/healthy.mjs docker/demo.mjs /app/
RUN install -d -m 700 -o $UID /var/lib/moai-metrics /backfill
ENV XDG_CONFIG_HOME=/etc
ENV MOAI_METRICS_STORAGE=/var/lib/moai-metrics
ENV CLAUDE_CONFIG_DIR=/transcripts/claude
ENV CODEX_HOME=/transcripts/codex
ENV GEMINI_CLI_HOME=/transcripts/gemini
VOLUME /var/lib/moai-metrics
USER $UID
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "/app/healthy.mjs"]
ENTRYPOINT ["sh", "/app/daemon.sh"]
CMD ["serve"]
