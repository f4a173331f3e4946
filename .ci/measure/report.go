package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

const binaryGoal = 12_000_000

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// ratio is the median of the rounds' ratios.
func ratio(a, b []float64) float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		all = append(all, a[i]/b[i])
	}
	return median(all)
}

// goals are figures beside what they ought to be.
type goals struct{ *tabwriter.Writer }

func (g goals) most(goal, what string, got, most float64, format string) {
	g.line(goal, what, got, "at most", most, got <= most, format)
}

func (g goals) least(goal, what string, got, least float64, format string) {
	g.line(goal, what, got, "at least", least, got >= least, format)
}

func (g goals) line(goal, what string, got float64, sense string, want float64, met bool, format string) {
	verdict := "met"
	if !met {
		verdict = "NOT met"
	}
	fmt.Fprintf(g, "%s\t%s\t"+format+"\t%s "+format+"\t%s\n", goal, what, got, sense, want, verdict)
}

func report(out io.Writer, acks, jobs []*app, renewals []renewal, b burst, binary int64) {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "\nenvelope to acknowledgement\tCPU µs\tper second, %d under way\tp50 alone, µs\tpeak RSS, MiB\tastray\n", underWay)
	table := func(apps []*app) {
		for _, a := range apps {
			fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.1f\t%d\n", a.name, median(a.cpus), median(a.rates), median(a.alone), a.peak, a.strays)
		}
	}
	table(acks)
	fmt.Fprintf(w, "\nsubmission to posted result\tCPU µs\tper second, %d under way\tp50 of the ack alone, µs\tpeak RSS, MiB\tastray\tcalls each\tidle RSS, MiB\tstart to first ack, ms\n", jobsUnderWay)
	for _, a := range jobs {
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.1f\t%d\t%.2f\t%.1f\t%.1f\n", a.name, median(a.cpus), median(a.rates), median(a.alone), a.peak, a.strays,
			float64(a.calls)/float64(max(1, len(a.sent))), a.idle, median(a.starts))
	}
	fmt.Fprintf(w, "\n100 a second through renewals\trenewals\tsent\tlost\tlate\twithout a connection\tlongest gap\tslowest ack\n")
	for _, r := range renewals {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%.1f ms\t%.1f ms\n", r.name, r.renewals, r.sent, r.lost, r.late, r.gaps, r.gap.Seconds()*1e3, r.slowest.Seconds()*1e3)
	}
	fmt.Fprintln(w)
	g := goals{w}
	g.most("goal 5", "CPU, of slack-go's", ratio(acks[0].cpus, acks[1].cpus), 0.2, "%.2f")
	g.most("", "CPU, of Bolt's", ratio(acks[0].cpus, acks[2].cpus), 0.5, "%.2f")
	g.least("", "rate, of slack-go's", ratio(acks[0].rates, acks[1].rates), 4, "%.1f")
	g.least("goal 6", "rate, of slack-go's + golang-jwt", ratio(jobs[0].rates, jobs[1].rates), 2, "%.1f")
	g.most("", "CPU, of slack-go's + golang-jwt", ratio(jobs[0].cpus, jobs[1].cpus), 0.45, "%.2f")
	g.least("", "rate, of Bolt's + jose", ratio(jobs[0].rates, jobs[2].rates), 4, "%.1f")
	g.most("", "CPU, of Bolt's + jose", ratio(jobs[0].cpus, jobs[2].cpus), 0.25, "%.2f")
	g.most("", "peak RSS, of Bolt's", jobs[0].peak/jobs[2].peak, 0.1, "%.2f")
	floor := jobs[3]
	fmt.Fprintf(g, "\t%s: CPU and rate, of slack-go's + golang-jwt\t%.2f, %.2f\tthe calls alone, the signature and the net\t\n", floor.name,
		ratio(floor.cpus, jobs[1].cpus), ratio(floor.rates, jobs[1].rates))
	g.most("goal 7", fmt.Sprintf("lost, in a burst of %d", b.sent), float64(b.lost), 0, "%.0f")
	g.most("", fmt.Sprintf("later than 3 s (the slowest took %.2f s)", b.slowest.Seconds()), float64(b.late), 0, "%.0f")
	g.most("", "pings unanswered", float64(b.unanswered), 0, "%.0f")
	g.most("", "MiB more", b.more, 32, "%.1f")
	g.least("", "refused for want of a place and told so, of those that the metrics count", float64(b.refused), float64(b.counted), "%.0f")
	g.most("goal 8", "lost, through 20 renewals", float64(renewals[0].lost), 0, "%.0f")
	g.most("", "late", float64(renewals[0].late), 0, "%.0f")
	g.most("", "times without a connection", float64(renewals[0].gaps), 0, "%.0f")
	g.most("goal 9", "start to first ack, of Bolt's", median(jobs[0].starts)/median(jobs[2].starts), 0.05, "%.3f")
	g.most("", "idle RSS, MiB", jobs[0].idle, 12, "%.1f")
	g.most("", "static binary, MB", float64(binary)/1e6, binaryGoal/1e6, "%.1f")
	_ = w.Flush()
}
