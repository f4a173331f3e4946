// Package redact decides what may leave the bot.
//
// What came from a token is held in types that cannot print: [Secret], [Value] and everything
// that embeds [Veil]. A sentence about it is a [Message]: a literal with typed holes. The one door
// from private to public is [Policy.Text], which opens the holes under the policy, cleans what it
// finds there, scans the result and returns a [Text]; bot/slack sends nothing else.
//
// A Text leaves the process for a store only under a seal ([Sealer]), and comes back from nothing else.
//
// Two nets stand behind the types: each Text is scanned as it is made ([Leaks]), and each body once
// more before it leaves, for whatever looks like a credential ([Scan]) and for the bytes of the
// submission that it is about ([Canary]).
//
// Everything is hidden unless the policy's table says otherwise (see rules.go).
package redact
