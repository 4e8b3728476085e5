# syntax=docker/dockerfile:1
# One image with the embedded engine inside. Built for the platform it is built
# on, or for others: docker buildx build --platform linux/amd64,linux/arm64 .

FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS engine
ARG TARGETARCH
WORKDIR /engine
COPY package.json package-lock.json .npmrc ./
# npm leaves out without an error what does not match its hash; mv then fails.
RUN cpu=$(test "$TARGETARCH" = amd64 && echo x64 || echo "$TARGETARCH") \
 && npm install --no-save --no-audit --no-fund --omit=dev --os=linux --cpu="$cpu" --libc=glibc \
 && mv "node_modules/@chdb/lib-linux-$cpu-gnu/libchdb.so" .

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/mentorpulse ./cmd/mentorpulse \
 && mkdir /out/data

# The engine needs glibc and nothing else, the service CA certificates and time
# zones. There is no shell, and the user is not root.
FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=engine /engine/libchdb.so /usr/local/lib/libchdb.so
COPY --from=build /out/mentorpulse /usr/local/bin/mentorpulse
COPY --from=build --chown=65532:65532 /out/data /data
ENV CHDB_LIB_PATH=/usr/local/lib/libchdb.so \
    MENTORPULSE_DATA=/data \
    MENTORPULSE_ADDR=0.0.0.0:8080
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["/usr/local/bin/mentorpulse", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/mentorpulse"]
CMD ["serve"]
