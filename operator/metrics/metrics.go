// Package metrics counts what the operator does and shows how things stand. No label holds the name of an
// object, so that the number of series does not grow with the cluster.
package metrics

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Outcome is how a translation ended.
type Outcome string

// The outcomes.
const (
	Clean   Outcome = "clean"
	Blocked Outcome = "blocked" // a protection could not be carried over
)

// The values of the labels that this version knows one of.
const (
	controller = "ingress-nginx"
	target     = "istio"
)

// Recorder holds the metrics; it is to be registered.
type Recorder struct {
	translations *prometheus.CounterVec
	duration     prometheus.Histogram
	build        prometheus.Gauge
	applies      *prometheus.CounterVec
	conflicts    prometheus.Counter
	repairs      prometheus.Counter
	errors       prometheus.Counter
	findings     *prometheus.Desc
	objects      *prometheus.Desc
	ingresses    *prometheus.Desc
	migrations   *prometheus.Desc
	drifted      *prometheus.Desc
	unapplied    *prometheus.Desc
	shown        atomic.Pointer[[]prometheus.Metric] // changed all at once
}

var _ prometheus.Collector = (*Recorder)(nil)

// New makes the metrics of a build.
func New(version string) *Recorder {
	r := &Recorder{
		translations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ingress2gw_translations_total", Help: "Translations by how they ended: clean, or blocked (a protection could not be carried over).",
		}, []string{"controller", "target", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ingress2gw_translation_duration_seconds", Help: "Time that translations took.",
			Buckets: []float64{.001, .005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
		build: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ingress2gw_build_info", Help: "Always 1; the labels say what runs.",
			ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
		}),
		applies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ingress2gw_applies_total", Help: "Objects that were applied or removed, or not, by why.",
		}, []string{"kind", "result"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ingress2gw_apply_conflicts_total", Help: "Objects that were left alone because they, or fields of them, are somebody else's.",
		}),
		repairs: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ingress2gw_repairs_total", Help: "Objects that somebody changed and that were applied again.",
		}),
		errors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ingress2gw_errors_total", Help: "Times that something went wrong which is in no condition, and was tried again. The log says what.",
		}),
		findings:   prometheus.NewDesc("ingress2gw_findings", "Findings about Ingresses.", []string{"code", "severity", "namespace"}, nil),
		objects:    prometheus.NewDesc("ingress2gw_objects", "Objects that are to be there, by who owns them.", []string{"target", "kind", "owner"}, nil),
		ingresses:  prometheus.NewDesc("ingress2gw_ingresses", "Ingresses by phase.", []string{"phase"}, nil),
		migrations: prometheus.NewDesc("ingress2gw_migrations", "Migrations by the reason of their condition Ready.", []string{"reason"}, nil),
		drifted:    prometheus.NewDesc("ingress2gw_drifted_objects", "Applied objects that somebody changed, and that are not repaired; of those with the reason ProtectionLost a route may be open.", []string{"reason"}, nil),
		unapplied:  prometheus.NewDesc("ingress2gw_unapplied_objects", "Objects that are not as they are to be, by why.", []string{"reason"}, nil),
	}
	r.build.Set(1)
	for _, o := range [...]Outcome{Clean, Blocked} {
		r.translations.WithLabelValues(controller, target, string(o))
	}
	return r
}

func (r *Recorder) counters() []prometheus.Collector {
	return []prometheus.Collector{r.translations, r.duration, r.build, r.applies, r.conflicts, r.repairs, r.errors}
}

// Describe implements prometheus.Collector.
func (r *Recorder) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range r.counters() {
		c.Describe(ch)
	}
	for _, d := range [...]*prometheus.Desc{r.findings, r.objects, r.ingresses, r.migrations, r.drifted, r.unapplied} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (r *Recorder) Collect(ch chan<- prometheus.Metric) {
	for _, c := range r.counters() {
		c.Collect(ch)
	}
	if shown := r.shown.Load(); shown != nil {
		for _, m := range *shown {
			ch <- m
		}
	}
}

// Translating begins a translation; what it gives is to be called when it ended.
func (r *Recorder) Translating() func(blocked bool) {
	start := time.Now()
	return func(blocked bool) {
		o := Clean
		if blocked {
			o = Blocked
		}
		r.translations.WithLabelValues(controller, target, string(o)).Inc()
		r.duration.Observe(time.Since(start).Seconds())
	}
}

// Acted counts what became of an object.
func (r *Recorder) Acted(kind, result string, conflict bool) {
	r.applies.WithLabelValues(kind, result).Inc()
	if conflict {
		r.conflicts.Inc()
	}
}

// Repaired counts an object that was applied again because somebody changed it.
func (r *Recorder) Repaired() { r.repairs.Inc() }

// Failed counts an error that no condition tells of.
func (r *Recorder) Failed() { r.errors.Inc() }
