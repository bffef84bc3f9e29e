#!/bin/sh
# Compiles packages, each into its dist, which is replaced as a whole: servers may be running from the one before.
#   tools/build.sh FOLDER...      in the order in which they need each other
set -eu

new=dist.new.$$
old=dist.old.$$
trap 'for folder; do rm -rf "$folder/$new" "$folder/$old"; done' EXIT

# Whatever changes from now on is newer than the mark.
for folder; do mkdir "$folder/$new" && touch "$folder/$new/.built"; done
for folder; do
  tsc -p "$folder/tsconfig.build.json" --outDir "$folder/$new"
  # The page that shows the API asks no other host for what it is made of.
  if [ -d "$folder/$new/http" ]; then
    mkdir "$folder/$new/http/docs"
    cp node_modules/swagger-ui-dist/swagger-ui.css node_modules/swagger-ui-dist/swagger-ui-bundle.js "$folder/$new/http/docs"
  fi
  # One script and one style of all that the console is made of: no browser asks for more.
  if [ -d "$folder/src/console" ]; then
    mkdir "$folder/$new/console"
    esbuild "$folder/src/console/console.tsx" "$folder/src/console/console.css" --outdir="$folder/$new/console" \
      --bundle --minify --format=esm --target=es2022 --jsx=automatic --jsx-import-source=preact --log-level=warning
    cp "$folder/src/console/index.html" "$folder/src/console/icon.svg" "$folder/$new/console"
  fi
  if [ -e "$folder/dist" ]; then mv "$folder/dist" "$folder/$old"; fi
  mv "$folder/$new" "$folder/dist"
done
