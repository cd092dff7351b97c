# harvester in a container. Works with a read-only root file system and without any right:
#
#   docker build -t harvester .
#   docker run -d --read-only --cap-drop ALL -e BITLY_TOKEN -v harvester:/data harvester
#   docker run --rm --read-only --cap-drop ALL -e BITLY_TOKEN -v harvester:/data harvester --since 7d
#
# With PostgreSQL, Prometheus and Grafana: deploy/compose.yaml. One exact image, so that a build of
# today can be made again; a newer one: docker buildx imagetools inspect python:3.13-slim
ARG PYTHON_IMAGE=python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
# What changes seldom comes first: the layers of the requirements outlive changes of the code.
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/harvester \
 && pip --python /opt/harvester/bin/python install --require-hashes -r requirements/runtime.txt \
 && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY harvester/ harvester/
COPY migrations/ migrations/
RUN pip wheel --no-build-isolation --no-deps --wheel-dir /wheel . \
 && pip --python /opt/harvester/bin/python install --no-deps --no-index /wheel/*.whl

FROM ${PYTHON_IMAGE}
# A number of its own for the owner of /data, so that volumes keep their owner over releases.
RUN groupadd --gid 10001 harvester \
 && useradd --uid 10001 --gid harvester --no-create-home --home-dir /data harvester \
 && install --directory --owner harvester --group harvester /config /data
COPY --from=build /opt/harvester /opt/harvester
# SQLITE_TMPDIR: large sorts need a place to write that is there with a read-only root, too.
ENV PATH=/opt/harvester/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HARVESTER_DATABASE_URL=sqlite:////data/harvester.db \
    SQLITE_TMPDIR=/data
VOLUME ["/config", "/data"]
# The settings are ./config.toml, if there is one: /config/config.toml here.
WORKDIR /config
USER 10001:10001
# Of the daemon; what runs and ends, such as --since 7d, is told by its exit code.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
ENTRYPOINT ["harvest"]
CMD ["daemon"]
