# The adapter in a small image. It could not be built where this was developed (no Docker there);
# tests/acceptance/test_dockerfile.py runs its RUN lines, CMD and HEALTHCHECK without Docker.

FROM python:3.11 AS build
WORKDIR /app
COPY Makefile pyproject.toml README.md LICENSE ./
COPY requirements requirements
COPY oso_adapter oso_adapter
COPY plugins plugins
RUN make install

FROM python:3.11-slim
COPY --from=build /app /app
ENV PATH="/app/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A folder of the host, which user 10001 may write, with oso-adapter.toml in it.
WORKDIR /data
USER 10001:10001
EXPOSE 8443
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('OSO_INTERNAL__PORT', '8080') + '/health/ready', timeout=5)"]
CMD ["oso-adapter", "serve"]
