#!/bin/sh
# One process with master, volumes, filer and the S3 gateway; its keys come from the environment, its only bucket is made when it is up.
# Master, volumes and filer listen on loopback; only the gateway is meant for other containers, and compose.yaml lets nobody else in.
set -eu
cat >/tmp/s3.json <<JSON
{ "identities": [ { "name": "tenantry", "credentials": [ { "accessKey": "$S3_ACCESS_KEY_ID", "secretKey": "$S3_SECRET_ACCESS_KEY" } ], "actions": ["Admin"] } ] }
JSON
(
  until echo 's3.bucket.create -name tenantry-media' | weed shell -master=127.0.0.1:9333 >/dev/null 2>&1; do sleep 1; done
) &
exec weed server -dir=/data -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3 -s3.ip.bind=0.0.0.0 -s3.port=8333 -s3.config=/tmp/s3.json -volume.max=0 -master.volumeSizeLimitMB=1024
