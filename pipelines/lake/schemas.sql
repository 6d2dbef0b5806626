-- The layers of the lake. Created in a transaction of their own: DuckLake sets options only on schemas that are committed.
CREATE SCHEMA IF NOT EXISTS city.ods;
CREATE SCHEMA IF NOT EXISTS city.dwd;
CREATE SCHEMA IF NOT EXISTS city.dim;
CREATE SCHEMA IF NOT EXISTS city.dws;
CREATE SCHEMA IF NOT EXISTS city.ads;
CREATE SCHEMA IF NOT EXISTS city.quality;
