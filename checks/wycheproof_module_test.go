//go:build wycheproof_module

package checks_test

// The module holds test vectors alone, 107 MB of them embedded, so it is never linked: the tests read
// them from the module cache. This import, which no build makes, keeps the module in go.mod.
import _ "github.com/c2sp/wycheproof"
