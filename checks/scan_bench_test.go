package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkScan is the JSON alone, for claims that do not fit into a paste, beside a tenth of them in
// alternating slices of one run. Goal: at most 11.5 times as much.
func BenchmarkScan(b *testing.B) {
	scan := func(n int) func() {
		var list strings.Builder
		for i := range n {
			fmt.Fprintf(&list, `,"c%d":"value %d"`, i, i)
		}
		text := "{" + list.String()[1:] + "}"
		return func() {
			if _, err := scanObject(text); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			many, few := scan(n), scan(n/10)
			var ratios []float64
			for b.Loop() {
				var took [2]time.Duration
				for i, run := range []func(){many, few} {
					calls := 100_000 / n * (1 + 9*i)
					start := time.Now()
					for range calls {
						run()
					}
					took[i] = time.Since(start) / time.Duration(calls)
				}
				ratios = append(ratios, float64(took[0])/float64(took[1]))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "x-tenth-claims")
		})
	}
}
