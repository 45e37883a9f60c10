# Newsfold without its embedded PostgreSQL: a container that is replaced should keep its archive elsewhere.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist ./dist
COPY --from=build /build/config ./config
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production \
    NEWSFOLD_DATA=/data \
    NEWSFOLD_CONFIG=/app/config \
    NEWSFOLD_HOST=0.0.0.0 \
    NEWSFOLD_METRICS_PORT=9464
USER node
VOLUME /data
EXPOSE 8080 9464
# Liveness alone: a database that is away is no reason to be restarted.
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/newsfold.js"]
CMD ["start"]
