#!/bin/sh
# Makes the namespace and our search attributes (contract.ts). Safe to run again. TEMPORAL_ADDRESS says where.
set -eu

namespace=default

temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$namespace" --retention 7d

# A namespace is known to all parts of the server some seconds after it was made.
tries=30
until temporal operator search-attribute list --namespace "$namespace" >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 1
done

existing=$(temporal operator search-attribute list --namespace "$namespace")
for name in MiroTenant MiroKind MiroState; do
  case $existing in
    *"$name"*) ;;
    *) temporal operator search-attribute create --namespace "$namespace" --name "$name" --type Keyword ;;
  esac
done
