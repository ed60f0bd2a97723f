package migration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// course goes through every change of phases there is, by their first letters; excluded is x. An excluded Ingress is no part of its host, so
// that hosts of several go from there to a gateway by way of preview, as the docs advise, and from the shadow gateway too: what is said of
// one after the other leaves a part of the host there meanwhile. direct does without, for the host of one.
const (
	course = "pslrlsplprsrpxplxprxp"
	direct = "pxsxlxrxp"
)

var phases = map[rune]string{'x': "excluded", 'p': "preview", 's': "shadow", 'l': "live", 'r': "released"}

// walkAll takes the hosts that move through every change of phases.
func (s *suite) walkAll() error {
	for _, letter := range course[1:] {
		if err := s.move(phases[letter]); err != nil {
			return err
		}
	}
	if err := s.directly(); err != nil {
		return err
	}
	s.tell("%d changes of phase; from Ready to the first answer of the gateway it took up to %d ms", len(course)+len(direct)-2, s.lag.Milliseconds())
	return nil
}

// directly moves the host that has one Ingress.
func (s *suite) directly() error {
	all, moving, users := s.walk, s.moving, s.users
	defer func() { s.walk, s.moving, s.users = all, moving, users }()
	s.walk = [][2]string{{"billing", "wild"}}
	others := func(p *Probe) bool { return !strings.HasSuffix(p.asker.Host, ".wild.test") }
	s.moving = slices.DeleteFunc(slices.Clone(moving), func(m mover) bool { return others(m.Probe) })
	s.users = slices.DeleteFunc(slices.Clone(users), others)
	for _, letter := range direct[1:] {
		if err := s.move(phases[letter]); err != nil {
			return err
		}
	}
	return nil
}

func public(phase string) bool { return phase == "live" || phase == "released" }

// aim says what is right in a phase.
func (s *suite) aim(phase string) (probes []*Probe) {
	for _, m := range s.moving {
		if m.shadow && phase == "shadow" || !m.shadow && public(phase) {
			m.expect(m.served...)
		} else {
			m.expect(m.absent...)
		}
		probes = append(probes, m.Probe)
	}
	return probes
}

// annotate says the phase on all Ingresses that move, as their teams do at the same time.
func (s *suite) annotate(phase string) error {
	errs := make([]error, len(s.walk))
	var wg sync.WaitGroup
	for i, k := range s.walk {
		wg.Go(func() {
			errs[i] = s.kube.Annotate(s.ctx, "ingresses", k[0], k[1], map[string]any{"ingress2gw.io/phase": phase})
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// move changes the phase of all that move, as a user does: DNS follows when the gateway answers, and leads the way back.
func (s *suite) move(phase string) error {
	was := s.phase
	s.say("%s to %s", was, phase)
	begin := time.Now()
	if !public(phase) {
		s.records.move(false, s.users)
		time.Sleep(2 * patienceOfDNS)
	}
	probes := s.aim(phase)
	if err := s.annotate(phase); err != nil {
		return err
	}
	s.phase = phase
	return s.finish(was, begin, probes)
}

// patienceOfDNS is how long clients may still use an old address: a request.
const patienceOfDNS = 50 * time.Millisecond

func (s *suite) finish(was string, begin time.Time, probes []*Probe) error {
	if err := s.until(fmt.Sprintf("%s becomes %s", was, s.phase), func() (string, error) { return s.unready(s.phase) }); err != nil {
		return err
	}
	ready := time.Now()
	if err := s.served(probes); err != nil {
		return err
	}
	s.lag = max(s.lag, time.Since(ready))
	s.tell("%s to %s: ready after %.1f s, answers after %.1f s", was, s.phase, ready.Sub(begin).Seconds(), time.Since(begin).Seconds())
	s.records.move(public(s.phase), s.users)
	return s.served(s.users)
}
