# One image for every service of docker-compose.yml: exactly what requirements.lock names, with hashes, and the package.
# Behind a mirror: docker compose build --build-arg PIP_INDEX_URL=… (only the first stage, which is thrown away, knows it).
FROM python:3.11-slim AS locked
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --quiet --no-cache-dir --require-hashes --no-deps -r requirements.lock

FROM locked AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY pipelines pipelines
RUN /opt/venv/bin/python -m hatchling build -t wheel -d /wheel

# What only developers need stays behind.
FROM locked AS needed
COPY pyproject.toml ./
RUN /opt/venv/bin/python -c "import re, tomllib; \
print(*(re.split('[=<>]', name)[0] for name in tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['dev']))" \
  | xargs /opt/venv/bin/pip uninstall --quiet --yes

FROM python:3.11-slim
RUN useradd --uid 1000 --create-home --shell /bin/bash rongtong \
 && install -d -o rongtong -g rongtong /city /lake /lake/landing /inbox /airflow
COPY --from=needed /opt/venv /opt/venv
COPY --from=wheel /wheel /wheel
# The city is where commands are run; its folders must not hide the installed packages (PYTHONSAFEPATH).
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1 LANG=C.UTF-8 \
    RONGTONG_CITY=/city RONGTONG_HOME=/lake RONGTONG_INBOX=/inbox AIRFLOW_HOME=/airflow
RUN pip install --quiet --no-cache-dir --no-index --no-deps /wheel/*.whl
USER rongtong
WORKDIR /city
CMD ["rongtong", "--help"]
