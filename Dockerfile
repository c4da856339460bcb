# One image for every process of the platform; docker-compose.yml says which one runs.
FROM debian:12-slim

ENV PIP_NO_CACHE_DIR=1 \
    UV_NO_CACHE=1 \
    PATH=/opt/voiceplat/.venv/bin:$PATH \
    VOICEPLAT_DATA=/var/lib/voiceplat \
    VOICEPLAT_SPEECH__SOCKET=/var/lib/voiceplat/speech.sock

WORKDIR /opt/voiceplat

# the same set-up as `make run`, one layer for each thing that changes at its own pace
COPY scripts/setup scripts/setup
RUN scripts/setup run system \
 && rm -rf /var/lib/apt/lists/*

COPY requirements-bootstrap.lock requirements.lock ./
RUN scripts/setup run python

COPY pyproject.toml README.md LICENSE ./
COPY web web
COPY migrations migrations
COPY voiceplat voiceplat
RUN scripts/setup run project web models \
 && rm -rf web/node_modules \
 && useradd --no-log-init --uid 10001 --home-dir /var/lib/voiceplat voiceplat \
 && install --directory --owner voiceplat --group voiceplat --mode 0750 \
      /var/lib/voiceplat /var/lib/voiceplat/recordings

USER 10001
VOLUME /var/lib/voiceplat
ENTRYPOINT ["voiceplat"]
CMD ["--help"]
