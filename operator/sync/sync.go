// Package sync keeps the translation of a cluster current: it takes a snapshot from a cache, translates it and publishes the
// result.
package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Config is what a Reconciler works with.
type Config struct {
	Cache   client.Reader // lists objects, and the metadata of Secrets and ConfigMaps
	Direct  client.Reader // gets single ConfigMaps from the API server
	Options translate.Options
	Secrets bool                      // Cache holds the metadata of Secrets
	Istio   []schema.GroupVersionKind // those of Istio's kinds that exist and are in Cache
	Metrics *metrics.Recorder
	Version string        // of this program
	Batch   time.Duration // how long changes are collected at least
}

// Reconciler translates the whole edge at every request. It must not run more than once at a time.
type Reconciler struct {
	Config
	current atomic.Pointer[Current]
	took    atomic.Int64 // duration of the last run, nanoseconds

	named atomic.Pointer[map[snapshot.Key]bool] // the ConfigMaps in use
	read  map[snapshot.Key]configMap            // what they held
}

// New makes a Reconciler.
func New(c Config) *Reconciler { return &Reconciler{Config: c, read: map[snapshot.Key]configMap{}} }

// Current is a finished translation. It is not changed any more.
type Current struct {
	Objects    []*manifest.Object // without those that hold key material
	MeshConfig manifest.Map
	Report     *reports.Report
	Hash       string // of what would be applied
}

// Current is the last translation; nil before the first.
func (r *Reconciler) Current() *Current { return r.current.Load() }

// Reconcile translates what the cache holds now. There is only one request, so that what it names is of no interest.
func (r *Reconciler) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	start, outcome := time.Now(), metrics.Failed
	defer func() {
		took := time.Since(start)
		r.took.Store(int64(took))
		r.Metrics.Observe(outcome, took)
	}()
	s, err := r.snapshot(ctx)
	if err != nil {
		return reconcile.Result{}, fmt.Errorf("reading the cluster: %w", err)
	}
	now, err := r.translate(s)
	if err != nil {
		return reconcile.Result{}, err
	}
	before := r.current.Swap(now)
	r.Metrics.Show(now.Objects, now.Report.Findings)
	logChanges(log.FromContext(ctx), before, now)
	outcome = metrics.Clean
	if now.Report.Blocking() > 0 {
		outcome = metrics.Blocked
	}
	return reconcile.Result{}, nil
}

func (r *Reconciler) translate(s *snapshot.Snapshot) (*Current, error) {
	result := translate.Translate(s, r.Options)
	if waived := r.Options.Waived; waived != nil {
		for i := range result.Findings {
			f := &result.Findings[i]
			f.Waived = f.Waived || waived(f.Code, f.Origin.Object)
		}
	}
	now := &Current{MeshConfig: result.MeshConfig, Report: reports.New(r.Version, reports.Counts(result.Counts), result.Objects, result.Findings)}
	for _, o := range result.Objects {
		if !o.Secret && o.Kind != "Secret" {
			now.Objects = append(now.Objects, o)
		}
	}
	sum := sha256.New()
	if err := manifest.WriteYAML(sum, now.Objects...); err != nil {
		return nil, fmt.Errorf("writing the translation: %w", err)
	}
	mesh, err := manifest.YAML(append(manifest.Map{}, result.MeshConfig...))
	if err != nil {
		return nil, fmt.Errorf("writing the mesh configuration: %w", err)
	}
	sum.Write(mesh)
	now.Hash = hex.EncodeToString(sum.Sum(nil)[:8])
	return now, nil
}

// blocking are the findings about protections that are not carried over, by what they say.
func (c *Current) blocking() map[string]finding.Finding {
	out := map[string]finding.Finding{}
	if c == nil {
		return out
	}
	for _, f := range c.Report.Findings {
		if f.Blocking() {
			out[fmt.Sprintf("%s %s %s %q", f.Code, f.Origin.Object.Ref(), f.Origin.Field, f.Args)] = f
		}
	}
	return out
}
