package bot

import (
	"context"
	"testing"
)

// TestAcknowledgedOnOneOfTwoSockets: what is delivered twice at once is worked once, by whichever acknowledgement
// is written, and taken back only where neither is.
func TestAcknowledgedOnOneOfTwoSockets(t *testing.T) {
	for _, c := range []struct {
		name         string
		steps        string // 1 and 2: that delivery is acknowledged, x: one more acknowledgement is lost
		works, undos int
	}{
		{"the first alone", "1", 1, 0},
		{"both", "12", 1, 0},
		{"the first is lost", "x2", 1, 0},
		{"the second is lost", "1x", 1, 0},
		{"the second is lost before the first is written", "x1", 1, 0},
		{"both are lost", "xx", 0, 1},
		{"told of more than there are", "xxx", 0, 1},
	} {
		for _, ids := range [][2]string{{"e1", "e1"}, {"e1", "e2"}} {
			works, undos := 0, 0
			u := newUndoing()
			first := u.add(ids[0], "view V1", func(context.Context) { works++ }, func() { undos++ })
			second := u.again(ids[1], "view V1")
			for i, step := range c.steps {
				switch step {
				case '1':
					first(t.Context())
				case '2':
					second(t.Context())
				default:
					lost := ids[min(i, 1)]
					if c.steps == "x1" || c.steps == "1x" {
						lost = ids[1]
					}
					u.undo(lost)
				}
			}
			if works != c.works || undos != c.undos {
				t.Errorf("%s, %v: worked %d times and undone %d times", c.name, ids, works, undos)
			}
			if len(u.byKey)+len(u.byID) != 0 {
				t.Errorf("%s, %v: %d and %d are kept", c.name, ids, len(u.byKey), len(u.byID))
			}
		}
	}
}
