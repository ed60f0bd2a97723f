// Package migration moves, changes, breaks and deletes Ingresses of a fleet while clients ask for them without pause, and counts what
// they notice.
package migration

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/rig"
)

// suite is one run.
type suite struct {
	*fleet
	ctx   context.Context
	rig   *rig.Rig
	kube  *rig.Kubectl
	out   io.Writer
	begin time.Time
	walk  [][2]string // namespace and name of the Ingresses that move
	phase string      // that they are in
	lag   time.Duration
	// faulted counts what was done to the operator and its objects.
	faulted int
}

// Parts are what a run can consist of, in this order.
var Parts = []string{"walk", "kill", "change", "swap", "settings", "drift", "delete"}

// Run plays the parts on a rig and tells how it went. The error says what went wrong.
func Run(ctx context.Context, r *rig.Rig, parts []string, out io.Writer) error {
	old, err := serveOld()
	if err != nil {
		return err
	}
	defer old.Close()
	kube, err := r.Kubectl()
	if err != nil {
		return err
	}
	s := &suite{fleet: newFleet(newCrowd(r.Ring), &records{moved: map[string]bool{}}), ctx: ctx, rig: r, kube: kube, out: out, begin: time.Now(), phase: "preview"}
	if err := r.StartOperator(); err != nil {
		return err
	}
	if err := s.prepare(); err != nil {
		return err
	}
	plays := map[string]func() error{"walk": s.walkAll, "kill": s.killAll, "change": s.changeAll, "swap": s.swapAll, "settings": s.settingsAll, "drift": s.driftAll, "delete": s.deleteAll}
	for _, part := range Parts {
		if !slices.Contains(parts, part) {
			continue
		}
		s.tell("%s", part)
		if err = plays[part](); err != nil {
			err = fmt.Errorf("%s: %w", part, err)
			break
		}
	}
	s.end()
	return s.result(err)
}

// tell prints what is going on.
func (s *suite) tell(format string, args ...any) {
	fmt.Fprintf(s.out, "%6.1f s  %s\n", time.Since(s.begin).Seconds(), fmt.Sprintf(format, args...))
}

// prepare waits until what is live all the time is.
func (s *suite) prepare() error {
	all, err := s.kube.List(s.ctx, "ingresses", "walk=yes")
	if err != nil {
		return err
	}
	for i := range all {
		s.walk = append(s.walk, [2]string{all[i].GetNamespace(), all[i].GetName()})
	}
	if err := s.until("every Ingress is ready", func() (string, error) { return s.unready("") }); err != nil {
		return err
	}
	s.begin = time.Now()
	lived := slices.Concat(s.steady, slices.Collect(maps.Values(s.change)), slices.Collect(maps.Values(s.swap)), slices.Collect(maps.Values(s.leaving)))
	if err := s.until("live hosts are served", func() (string, error) {
		for _, p := range lived {
			if answer, _ := p.asker.ask(s.ctx); !slices.Contains(p.legal, answer) {
				return fmt.Sprintf("%s gets %q", p.Name, answer), nil
			}
		}
		return "", nil
	}); err != nil {
		return err
	}
	s.start(s.ctx)
	return nil
}

// unready lists Ingresses that are not ready; of those that move, also those that are not in the phase, if one is given.
func (s *suite) unready(phase string) (string, error) {
	states, err := s.kube.States(s.ctx)
	if err != nil {
		return "", err
	}
	if len(states) < len(s.walk) {
		return "IngressTranslations", nil
	}
	var left []string
	for _, x := range states {
		moves := slices.Contains(s.walk, [2]string{x.Namespace, x.Name})
		if !x.Ready && x.Reason != "SourceGone" || moves && phase != "" && (x.Phase != phase || x.Wanted != phase) {
			left = append(left, fmt.Sprintf("%s/%s is %s (%s)", x.Namespace, x.Name, x.Phase, x.Reason))
		}
	}
	return strings.Join(left, ", "), nil
}

// slowest bounds each wait, on a busy machine.
const slowest = 45 * time.Second

// until waits until a question has the answer "".
func (s *suite) until(what string, question func() (string, error)) error {
	for end := time.Now().Add(slowest); ; time.Sleep(20 * time.Millisecond) {
		left, err := question()
		switch {
		case err != nil:
			return err
		case left == "":
			return nil
		case s.ctx.Err() != nil:
			return s.ctx.Err()
		case time.Now().After(end):
			return fmt.Errorf("it never comes to be that %s: %s", what, left)
		}
		if err := s.rig.Alive(); err != nil {
			return err
		}
	}
}

// served waits until all probes get what is right.
func (s *suite) served(ps []*Probe) error {
	return s.until("every answer is right", func() (string, error) { return waiting(ps), nil })
}

// result prints what clients noticed.
func (s *suite) result(err error) error {
	faults := s.faults()
	for i := range faults {
		fmt.Fprintln(s.out, "  "+faults[i].String())
	}
	c := s.counts()
	fmt.Fprintf(s.out, "%d requests by %d clients in %.0f s: %d failed, %d misrouted, %d open; %d lost and %d exposed until %d faults were repaired; the slowest answer took %d ms\n",
		c.Sent, len(s.Probes), time.Since(s.begin).Seconds(), c.Failed, c.Misrouted, c.Open, c.Lost, c.Exposed, s.faulted, c.Slowest.Milliseconds())
	if err == nil && c.Failed+c.Misrouted+c.Open > 0 {
		err = fmt.Errorf("%d answers were wrong", c.Failed+c.Misrouted+c.Open)
	}
	return err
}
