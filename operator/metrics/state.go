package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// Finding tells findings apart.
type Finding struct{ Code, Severity string }

// State is how things stand. The zero value is ready to use.
type State struct {
	series map[series]float64
}

// series is a metric and the values of its labels.
type series struct {
	metric string
	labels [3]string
}

func (s *State) add(n int, metric string, labels ...string) {
	if s.series == nil {
		s.series = map[series]float64{}
	}
	x := series{metric: metric}
	copy(x.labels[:], labels)
	s.series[x] += float64(n)
}

// Findings counts findings about the Ingresses of a namespace.
func (s *State) Findings(f Finding, namespace string, n int) {
	s.add(n, "findings", f.Code, f.Severity, namespace)
}

// Object counts an object that is to be there.
func (s *State) Object(kind string, team bool) {
	owner := "platform"
	if team {
		owner = "team"
	}
	s.add(1, "objects", target, kind, owner)
}

// Unapplied counts an object that is not as it is to be.
func (s *State) Unapplied(reason string) { s.add(1, "unapplied", reason) }

// Drifted counts an applied object that somebody changed.
func (s *State) Drifted(reason string) { s.add(1, "drifted", reason) }

// Migration counts a Migration by the reason of its condition Ready.
func (s *State) Migration(reason string) { s.add(1, "migrations", reason) }

// Phases counts Ingresses.
func (s *State) Phases(t v1alpha1.Totals) {
	for phase, n := range map[v1alpha1.Phase]int32{
		v1alpha1.PhaseExcluded: t.Excluded, v1alpha1.PhasePreview: t.Preview, v1alpha1.PhaseShadow: t.Shadow, v1alpha1.PhaseLive: t.Live, v1alpha1.PhaseReleased: t.Released,
	} {
		s.add(int(n), "ingresses", string(phase))
	}
}

// Show replaces what is shown.
func (r *Recorder) Show(s *State) {
	for _, reason := range [...]string{v1alpha1.ReasonChanged, v1alpha1.ReasonProtection} {
		s.add(0, "drifted", reason)
	}
	shown := make([]prometheus.Metric, 0, len(s.series))
	for x, v := range s.series {
		desc, labels := r.drifted, 1
		switch x.metric {
		case "findings":
			desc, labels = r.findings, 3
		case "objects":
			desc, labels = r.objects, 3
		case "ingresses":
			desc, labels = r.ingresses, 1
		case "migrations":
			desc, labels = r.migrations, 1
		case "unapplied":
			desc, labels = r.unapplied, 1
		}
		m, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, v, x.labels[:labels]...)
		if err != nil {
			m = prometheus.NewInvalidMetric(desc, err)
		}
		shown = append(shown, m)
	}
	r.shown.Store(&shown)
}
