# docker build --build-arg VERSION=v1.2.3 --build-arg COMMIT="$(git rev-parse HEAD)" -t jwt-check-bot .

FROM golang:1.26-bookworm AS build
WORKDIR /src

# Modules change more seldom than code: their layer is kept.
COPY go.mod go.sum ./
RUN go mod download && go mod verify

COPY redact ./redact
COPY checks ./checks
COPY bot ./bot
COPY cmd ./cmd

ARG VERSION=dev
ARG COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" \
    -o /out/jwt-check-bot ./cmd/jwt-check-bot

# Nothing but the binary, the CAs that it trusts, and the time zones in which it
# answers. There is no shell; secrets come as environment or as *_FILE mounts
# that user 65532 can read.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /out/jwt-check-bot /jwt-check-bot

# A crash prints its reason without stack frames, whose arguments are memory.
ENV GOTRACEBACK=none

USER 65532:65532
ENTRYPOINT ["/jwt-check-bot"]

ARG VERSION=dev
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="jwt-check-bot" \
      org.opencontainers.image.description="Says in Slack why a JWT was refused, without showing it" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
