-- Run once, by PostgreSQL's first start: a database each for Airflow, for the lake's catalogue and for BI tools, with a role of its own.
-- That of BI makes its readers' roles: CREATEROLE.
\set airflow_password `printf %s "$AIRFLOW_DB_PASSWORD"`
\set lake_password `printf %s "$LAKE_DB_PASSWORD"`
\set bi_password `printf %s "$BI_DB_PASSWORD"`
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE ROLE lake LOGIN PASSWORD :'lake_password';
CREATE ROLE bi LOGIN CREATEROLE PASSWORD :'bi_password';
ALTER DATABASE airflow OWNER TO airflow;
CREATE DATABASE lake OWNER lake;
CREATE DATABASE bi OWNER bi;
-- The readers that the mirror makes reach nothing but bi.
REVOKE ALL ON DATABASE airflow, lake, bi, postgres, template1 FROM PUBLIC;
