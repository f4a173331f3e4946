package workspace

import (
	"slices"
	"time"
)

// reasons are those of a disconnect frame: the first two announce it, the others come with it.
var reasons = []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets"}

// maxFault bounds how long a fault that was asked for from the page is in force.
const maxFault = time.Minute

// controls of the page have Slack do what it does to apps now and then, by the last part of their path.
var controls = map[string]func(*Workspace, action) error{
	"disconnect": (*Workspace).disconnectFor,
	"redeliver":  func(w *Workspace, _ action) error { return w.redeliverLast() },
	"outage":     (*Workspace).outageOf,
	"limit":      (*Workspace).limitTo,
	"share": func(w *Workspace, a action) error {
		return w.setShown(a.Channel, func(c *Channel) { c.IsExtShared = a.On })
	},
	"archive": func(w *Workspace, a action) error {
		return w.setShown(a.Channel, func(c *Channel) { c.IsArchived = a.On })
	},
}

func (w *Workspace) disconnectFor(a action) error {
	switch {
	case w.Connections() == 0:
		return sentence("The app has no connection that could end.")
	case a.Reason == "cut":
		w.Cut()
	case !slices.Contains(reasons, a.Reason):
		return sentence("Slack has no such reason.")
	default:
		w.Disconnect(a.Reason)
	}
	return nil
}

func (w *Workspace) redeliverLast() error {
	w.mu.Lock()
	last := ""
	if n := len(w.envelopes); n > 0 {
		last = w.envelopes[n-1].ID
	}
	w.mu.Unlock()
	if last == "" {
		return sentence("Nothing was delivered yet.")
	}
	if w.Redeliver(last) != nil {
		return sentence("The app has no connection to deliver over.")
	}
	return nil
}

func (w *Workspace) outageOf(a action) error {
	d, err := a.duration()
	if err != nil {
		return err
	}
	switch a.Fault {
	case "fails":
		w.FailFor(d, Fault{Status: 500})
	case "hangs":
		w.FailFor(d, Fault{Hang: d})
	default:
		return sentence("There is no such fault.")
	}
	return nil
}

func (w *Workspace) limitTo(a action) error {
	d, err := a.duration()
	if err != nil {
		return err
	}
	if err := w.setShown(a.Channel, func(*Channel) {}); err != nil {
		return err
	}
	w.RateLimit(a.Channel, d)
	return nil
}

// setShown changes a channel that is no direct message.
func (w *Workspace) setShown(channel string, change func(*Channel)) error {
	err := error(sentence("That can be done to a channel alone."))
	w.SetChannel(channel, func(c *Channel) {
		if !c.IsIM {
			change(c)
			err = nil
		}
	})
	return err
}

// duration is for how long the fault is to be in force; 0 ends it.
func (a action) duration() (time.Duration, error) {
	if a.Seconds < 0 || a.Seconds > int(maxFault/time.Second) {
		return 0, say("Between 0 and %d seconds.", int(maxFault/time.Second))
	}
	return time.Duration(a.Seconds) * time.Second, nil
}
