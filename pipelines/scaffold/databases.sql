-- Run once, by PostgreSQL's first start: a database each for Airflow and for the lake's catalogue, with a role of its own.
\set airflow_password `printf %s "$AIRFLOW_DB_PASSWORD"`
\set lake_password `printf %s "$LAKE_DB_PASSWORD"`
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE ROLE lake LOGIN PASSWORD :'lake_password';
ALTER DATABASE airflow OWNER TO airflow;
CREATE DATABASE lake OWNER lake;
REVOKE ALL ON DATABASE airflow, lake FROM PUBLIC;
