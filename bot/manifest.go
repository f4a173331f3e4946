package bot

import (
	"bytes"
	_ "embed"
	"strconv"
)

// Manifest is the Slack app's manifest, from which the app is created and by which `demo` installs
// it into its own workspace.
//
//go:embed manifest.json
var Manifest []byte

// ManifestFor is Manifest, or with watch the one that lets the bot watch channels too: with the
// scopes to read messages, and with the events that tell of them.
func ManifestFor(watch bool) []byte {
	if !watch {
		return bytes.Clone(Manifest)
	}
	return extended(extended(Manifest, "users:read", "channels:history", "groups:history"), "app_mention", "message.channels", "message.groups")
}

// extended puts further strings behind one of the manifest's, indented alike.
func extended(manifest []byte, behind string, further ...string) []byte {
	at := bytes.Index(manifest, []byte(strconv.Quote(behind)))
	if at < 0 {
		return bytes.Clone(manifest) // a test sees it
	}
	indent := manifest[bytes.LastIndexByte(manifest[:at], '\n'):at]
	var list []byte
	for _, s := range further {
		list = append(append(append(list, ','), indent...), strconv.Quote(s)...)
	}
	at += len(strconv.Quote(behind))
	return bytes.Join([][]byte{manifest[:at], list, manifest[at:]}, nil)
}
