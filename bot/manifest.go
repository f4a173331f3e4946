package bot

import _ "embed"

// Manifest is the Slack app's manifest, from which the app is created and by which `demo` installs
// it into its own workspace.
//
//go:embed manifest.json
var Manifest []byte
