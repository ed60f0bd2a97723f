// Package metrics counts what the operator does and shows what its last translation came to. No label holds the name of an
// object, so that the number of series does not grow with the cluster.
package metrics

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Outcome is how a translation ended.
type Outcome string

// The outcomes.
const (
	Clean   Outcome = "clean"
	Blocked Outcome = "blocked" // a protection could not be carried over
	Failed  Outcome = "failed"  // the cluster could not be read
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
	findings     *prometheus.Desc
	objects      *prometheus.Desc
	shown        atomic.Pointer[[]prometheus.Metric] // of the last translation, changed all at once
}

var _ prometheus.Collector = (*Recorder)(nil)

// New makes the metrics of a build.
func New(version string) *Recorder {
	r := &Recorder{
		translations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ingress2gw_translations_total", Help: "Translations by how they ended: clean, blocked (a protection could not be carried over) or failed.",
		}, []string{"controller", "target", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ingress2gw_translation_duration_seconds", Help: "Time from reading the cache to the finished translation.",
			Buckets: []float64{.001, .005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
		build: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ingress2gw_build_info", Help: "Always 1; the labels say what runs.",
			ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
		}),
		findings: prometheus.NewDesc("ingress2gw_findings", "Findings of the last translation.", []string{"code", "severity", "namespace"}, nil),
		objects:  prometheus.NewDesc("ingress2gw_objects", "Objects of the last translation, by who owns them.", []string{"target", "kind", "owner"}, nil),
	}
	r.build.Set(1)
	for _, o := range [...]Outcome{Clean, Blocked, Failed} {
		r.translations.WithLabelValues(controller, target, string(o))
	}
	return r
}

// Describe implements prometheus.Collector.
func (r *Recorder) Describe(ch chan<- *prometheus.Desc) {
	r.translations.Describe(ch)
	r.duration.Describe(ch)
	r.build.Describe(ch)
	ch <- r.findings
	ch <- r.objects
}

// Collect implements prometheus.Collector.
func (r *Recorder) Collect(ch chan<- prometheus.Metric) {
	r.translations.Collect(ch)
	r.duration.Collect(ch)
	r.build.Collect(ch)
	if shown := r.shown.Load(); shown != nil {
		for _, m := range *shown {
			ch <- m
		}
	}
}

// Observe counts a translation.
func (r *Recorder) Observe(o Outcome, took time.Duration) {
	r.translations.WithLabelValues(controller, target, string(o)).Inc()
	r.duration.Observe(took.Seconds())
}

// Show replaces what is shown of the last translation.
func (r *Recorder) Show(objects []*manifest.Object, findings []finding.Finding) {
	type labels [3]string
	counts := map[*prometheus.Desc]map[labels]int{r.findings: {}, r.objects: {}}
	for _, f := range findings {
		namespace := ""
		if f.Origin.Object != nil {
			namespace = f.Origin.Object.Namespace
		}
		counts[r.findings][labels{string(f.Code), f.Severity().String(), namespace}]++
	}
	for _, o := range objects {
		owner := "team"
		if o.Owner == "" {
			owner = "platform"
		}
		counts[r.objects][labels{target, o.Kind, owner}]++
	}
	var shown []prometheus.Metric
	for desc, series := range counts {
		for l, n := range series {
			m, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, float64(n), l[:]...)
			if err != nil {
				m = prometheus.NewInvalidMetric(desc, err)
			}
			shown = append(shown, m)
		}
	}
	r.shown.Store(&shown)
}
