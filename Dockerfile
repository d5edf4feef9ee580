# syntax=docker/dockerfile:1
# One image with one binary; the pages are inside of it. Everything the server keeps is under /data.
#
#   docker build -t comanda .
#   docker run -p 8080:8080 -v comanda:/data comanda

FROM node:22-bookworm-slim AS web
WORKDIR /comanda/kds-web
COPY kds-web/package.json kds-web/package-lock.json kds-web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY kds-web ./
RUN npm run build

FROM rust:1.95-slim-bookworm AS server
# The allocator is built from its own sources.
RUN apt-get update \
    && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /comanda
COPY . .
COPY --from=web /comanda/kds-web/dist kds-web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/comanda/target \
    cargo build --profile dist --locked --bin comanda \
    && cp target/dist/comanda /usr/local/bin/comanda

FROM debian:bookworm-slim
# Opening hours and business days need the world's time zones.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin comanda \
    && install -d -o comanda -g comanda -m 0700 /data
COPY --from=server /usr/local/bin/comanda /usr/local/bin/comanda
COPY LICENSE /usr/share/doc/comanda/LICENSE
ENV COMANDA_SERVER__LISTEN=0.0.0.0:8080 \
    COMANDA_DATABASE__URL=sqlite:/data/comanda.db
USER comanda
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["comanda", "health"]
ENTRYPOINT ["comanda"]
CMD ["serve"]
