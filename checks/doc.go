// Package checks says why an API refuses a token.
//
// A [Case] holds the token, the profile and everything that was asked of the world beforehand;
// [Run] asks each check of the [Ladder] about it and draws the [Report]. The checks are pure: they
// touch no network, no clock and no file, so that every incident can be written down as a test.
//
// The ladder's rungs stand in the order in which a verifier meets them. The first check that blocks
// is the cause; no check hides another.
//
// To add a check:
//  1. Write a Check in its rung's file and list it in ladder.go, in its place.
//  2. Write testdata/<ID>.txtar: recipes of tokens that fail it and that pass it, and what it says.
//  3. Run go test ./... -update, which rewrites the catalogue in the README.
package checks
