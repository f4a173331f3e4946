module peers

go 1.26.4

require (
	github.com/golang-jwt/jwt/v5 v5.3.1
	github.com/slack-go/slack v0.35.0
)

require github.com/gorilla/websocket v1.5.3 // indirect
