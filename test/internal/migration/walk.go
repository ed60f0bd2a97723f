package migration

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// course goes through every change of phases there is, by their first letters; excluded is x. An excluded Ingress is no part of its host,
// so that between live and excluded, which is said of one Ingress after the other, the host is taken back first, as the docs advise.
const course = "pslrlsplprsrpxsxp"

var phases = map[rune]string{'x': "excluded", 'p': "preview", 's': "shadow", 'l': "live", 'r': "released"}

// walkAll takes the hosts that move through every change of phases.
func (s *suite) walkAll() error {
	for _, letter := range course[1:] {
		if err := s.move(phases[letter]); err != nil {
			return err
		}
	}
	s.tell("%d changes of phase; from Ready to the first answer of the gateway it took up to %d ms", len(course)-1, s.lag.Milliseconds())
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
		s.records.move(false)
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
	s.records.move(public(s.phase))
	return s.served(s.users)
}
