#!/bin/bash
# Run once, by PostgreSQL's image, when the database is made: the service's login, which can take nothing but the role tenantry_app. Migrations find that
# role made, and give it its rights.
set -euo pipefail
: "${SERVICE_PASSWORD:?is in deploy.env}"
psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=tenantry <<'SQL'
-- Arguments of a program are there for everybody to read.
\getenv password SERVICE_PASSWORD
create role tenantry_app nologin;
create role tenantry_jobs nologin;
create role tenantry_service login password :'password' noinherit;
grant tenantry_app to tenantry_service with set true, inherit false;
grant tenantry_jobs to tenantry_service with set true, inherit false;
SQL
