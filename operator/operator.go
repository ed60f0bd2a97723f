// Package operator watches a cluster and keeps the translation of its Ingresses current. It writes nothing to the cluster:
// what a translation would be is served on a local port, summed up in metrics and logged when it changes.
package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	crmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/operator/sync"
	"github.com/ingress2gw/ingress2gw/translate"
)

// Options say what to watch and how to translate it.
type Options struct {
	Translate translate.Options
	// Secrets also watches which Secrets there are. Their content is never read.
	Secrets bool
	// Batch is how long changes are collected at least before they are translated.
	Batch time.Duration

	// Addresses to listen on; "0" for none.
	MetricsAddress, HealthAddress, PreviewAddress string

	Version string // of this program
}

// Operator is ready to run.
type Operator struct {
	manager manager.Manager
	metrics *metrics.Recorder
	preview *manager.Server // nil if it is not wanted
}

// New connects to a cluster and looks what it has.
func New(config *rest.Config, o Options) (*Operator, error) {
	config = rest.CopyConfig(config)
	config.UserAgent = "ingress2gw-operator/" + o.Version
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return readOnly{next} })
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), netv1.AddToScheme(scheme), metav1.AddMetaToScheme(scheme)); err != nil {
		return nil, err
	}
	m, err := manager.New(config, manager.Options{
		Scheme:                 scheme,
		Cache:                  cache.Options{DefaultTransform: strip, ReaderFailOnMissingInformer: true},
		Metrics:                metricsserver.Options{BindAddress: o.MetricsAddress},
		HealthProbeBindAddress: o.HealthAddress,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	istio, err := istioKinds(m.GetRESTMapper())
	if err != nil {
		return nil, err
	}
	op := &Operator{manager: m, metrics: metrics.New(o.Version)}
	r := sync.New(sync.Config{
		Cache: m.GetCache(), Direct: m.GetAPIReader(), Options: o.Translate, Secrets: o.Secrets, Istio: istio,
		Metrics: op.metrics, Version: o.Version, Batch: o.Batch,
	})
	if err := watch(m, r); err != nil {
		return nil, err
	}
	ready := func(*http.Request) error {
		if r.Current() == nil {
			return errors.New("there is no translation yet")
		}
		return nil
	}
	if err := errors.Join(m.AddHealthzCheck("ping", healthz.Ping), m.AddReadyzCheck("translation", ready)); err != nil {
		return nil, err
	}
	if o.PreviewAddress != "0" {
		if op.preview, err = previewServer(o.PreviewAddress, r.Current); err != nil {
			return nil, err
		}
		if err := m.Add(op.preview); err != nil {
			return nil, err
		}
	}
	m.GetLogger().Info("Operator is set up", "version", o.Version, "secrets", o.Secrets, "istioKinds", len(istio))
	return op, nil
}

// Run watches until the context ends.
func (op *Operator) Run(ctx context.Context) error {
	if err := crmetrics.Registry.Register(op.metrics); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	defer crmetrics.Registry.Unregister(op.metrics)
	return op.manager.Start(ctx)
}

// PreviewAddress is where the translation is served; "" if nowhere.
func (op *Operator) PreviewAddress() string {
	if op.preview == nil {
		return ""
	}
	return op.preview.Listener.Addr().String()
}
