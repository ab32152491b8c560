# One image for all processes of ours; the command says which. It holds no Temporal server and no database.
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# What is left of the development dependencies is the SDK: its packages are peers, pinned by the lock file.
RUN npm uninstall --ignore-scripts --no-audit --no-fund \
  $(node -p "Object.keys(require('./package.json').devDependencies).filter((name) => !name.startsWith('@temporalio/')).join(' ')")

FROM node:24.11.1-bookworm-slim
# TLS to Temporal Cloud and Miro needs the certificates that slim images leave out.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
CMD ["node", "dist/workers/main.js"]
