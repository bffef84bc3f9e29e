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
  if [ -e "$folder/dist" ]; then mv "$folder/dist" "$folder/$old"; fi
  mv "$folder/$new" "$folder/dist"
done
