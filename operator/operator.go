// Package operator keeps the translation of a cluster's Ingresses in step with them, and applies what its Migrations say.
package operator

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	crmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/operator/sync"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// Options say how the operator runs.
type Options struct {
	// Apply writes to the gateways. Otherwise nothing is written but IngressTranslations, the state of Migrations, and events.
	Apply bool
	// Namespace is the operator's own.
	Namespace string
	// Secrets watches which Secrets there are.
	Secrets        bool
	LeaderElection bool
	// Lease is how long the others wait for a leader that is silent; 0: 15 s.
	Lease time.Duration
	// Guard are the admission policies that keep teams to their own part. If there are some, nothing is applied to gateways that they
	// do not guard.
	Guard sync.Guard
	// Batch is how long changes are collected; Settle how long proxies are given to hear of a change.
	Batch, Settle time.Duration
	// Quiet is for how long nothing must have changed before what nothing uses any more goes; 0: 10 s.
	Quiet   time.Duration
	Workers int
	// Again is after how long is looked again for what is missing, such as kinds that are not installed; 0: 15 s.
	Again time.Duration
	// Grace is how long it may take to end; 0: 20 s.
	Grace time.Duration

	// Addresses to listen on; "0" for none.
	MetricsAddress, HealthAddress string
	MetricsSecure                 bool
	MetricsCertificates           string // folder; "" for a made-up certificate

	Version string // of this program
}

// Operator is ready to run.
type Operator struct {
	manager manager.Manager
	metrics *metrics.Recorder
	grace   time.Duration
	started chan struct{} // closed when the caches are
}

const name = "ingress2gw-operator"

// New connects to a cluster.
func New(config *rest.Config, o Options) (*Operator, error) {
	config = rest.CopyConfig(config)
	config.UserAgent = name + "/" + o.Version
	config.QPS = -1 // the server has its own fairness
	config.WarningHandlerWithContext = &warnings{}
	if !o.Apply {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper { return ownOnly{next} })
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), authorizationv1.AddToScheme(scheme), netv1.AddToScheme(scheme), metav1.AddMetaToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	var w *watch.Watcher
	recorder := metrics.New(o.Version)
	failed := countRefused(recorder, watch.Late(&w))
	grace := cmp.Or(o.Grace, 20*time.Second)
	made, err := labels.Parse(v1alpha1.LabelMigration)
	if err != nil {
		return nil, err
	}
	held, err := newLease(config, o)
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	with := manager.Options{
		Scheme:                  scheme,
		Cache:                   inputs(failed, inputInformer(&w)),
		Metrics:                 metricsOptions(o),
		HealthProbeBindAddress:  o.HealthAddress,
		GracefulShutdownTimeout: &grace,
	}
	electing(&with, held)
	m, err := manager.New(config, with)
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	outputs, err := cache.New(config, cache.Options{
		HTTPClient: m.GetHTTPClient(), Scheme: scheme, Mapper: m.GetRESTMapper(),
		DefaultLabelSelector: made, DefaultTransform: apply.Strip, DefaultWatchErrorHandler: failed, NewInformer: outputInformer(&w),
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	direct, err := connect(config, m, held)
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	kinds, err := discovery.NewDiscoveryClientForConfigAndClient(config, &http.Client{Transport: m.GetHTTPClient().Transport, Timeout: grace / 2})
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	w = watch.New(m.GetCache(), outputs, kinds)
	w.Again = cmp.Or(o.Again, w.Again)
	op := &Operator{manager: m, metrics: recorder, grace: grace, started: make(chan struct{})}
	loop := sync.New(sync.Config{
		Cache: m.GetCache(), Direct: direct, Watch: w, Events: m.GetEventRecorder(name), Metrics: op.metrics, Namespace: o.Namespace,
		Secrets: o.Secrets, Apply: o.Apply, Guard: o.Guard, Version: o.Version, Batch: o.Batch, Settle: o.Settle, Quiet: o.Quiet, Workers: o.Workers,
	})
	err = errors.Join(
		follow(w, loop, o.Secrets), m.Add(outputs), m.Add(afterCaches(op.started)), m.Add(&sync.Standby{Loop: loop, Elected: m.Elected()}), m.Add(loop),
		m.AddHealthzCheck("ping", healthz.Ping), m.AddReadyzCheck("caches", read(loop)), m.AddReadyzCheck("lease", held.ready),
	)
	m.GetLogger().Info("Operator is set up", "version", o.Version, "apply", o.Apply, "secrets", o.Secrets)
	return op, err
}

// countRefused counts what may not be read: no condition can tell of that before everything was read.
func countRefused(m *metrics.Recorder, failed toolscache.WatchErrorHandlerWithContext) toolscache.WatchErrorHandlerWithContext {
	return func(ctx context.Context, r *toolscache.Reflector, err error) {
		if apierrors.IsForbidden(err) {
			m.Failed()
		}
		failed(ctx, r, err)
	}
}

// read tells whether all is in the caches.
func read(l *sync.Loop) healthz.Checker {
	return func(*http.Request) error {
		if ok, what := l.Warm(); !ok {
			return fmt.Errorf("still reading: %s", what)
		}
		return nil
	}
}

// electing lets replicas agree on one by a lease.
func electing(into *manager.Options, l *lease) {
	if l == nil {
		return
	}
	length := l.length
	deadline, retry := renewal(length), length*2/15
	into.LeaderElection, into.LeaderElectionReleaseOnCancel, into.LeaderElectionResourceLockInterface = true, true, l
	into.LeaseDuration, into.RenewDeadline, into.RetryPeriod = &length, &deadline, &retry
}

// requestTimeout is how long the server may take for a request: it gives up after a minute itself.
const requestTimeout = 70 * time.Second

// writing is the connection for requests that are no watches. One that is never answered ends, and a replica that may have lost
// its lease writes nothing.
func writing(shared *http.Client, l *lease) *http.Client {
	c := &http.Client{Transport: shared.Transport, Timeout: requestTimeout}
	if l != nil {
		c.Transport = fence{shared.Transport, l}
	}
	return c
}

// connect makes the client for requests that are no watches.
func connect(config *rest.Config, m manager.Manager, l *lease) (*apply.Client, error) {
	h := writing(m.GetHTTPClient(), l)
	plain, err := client.New(config, client.Options{HTTPClient: h, Scheme: m.GetScheme(), Mapper: m.GetRESTMapper()})
	if err != nil {
		return nil, err
	}
	return apply.NewClient(config, h, plain)
}

// metricsOptions serve metrics by TLS, without HTTP/2 and its resets, to those who may see them.
func metricsOptions(o Options) metricsserver.Options {
	s := metricsserver.Options{BindAddress: o.MetricsAddress, SecureServing: o.MetricsSecure, CertDir: o.MetricsCertificates}
	if o.MetricsSecure {
		s.FilterProvider = authorized
		s.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }}
	}
	return s
}

// afterCaches is closed when a manager has started its caches.
type afterCaches chan struct{}

// NeedLeaderElection says that every replica does this.
func (afterCaches) NeedLeaderElection() bool { return false }

// Start tells.
func (c afterCaches) Start(context.Context) error {
	close(c)
	return nil
}

// errStarting says that the operator was told to end before it could read the cluster.
var errStarting = errors.New("it was told to end, and was still waiting for its caches")

// Run works until the context ends. A manager that is told to end while its caches start waits for them for good, and keeps a processor
// busy (controller-runtime v0.25), so that it is not told before. Until then nothing was done, and no lease is held.
func (op *Operator) Run(ctx context.Context) error {
	if err := crmetrics.Registry.Register(op.metrics); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	defer crmetrics.Registry.Unregister(op.metrics)
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- op.manager.Start(running) }()
	select {
	case err := <-ended:
		end()
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		end()
		return err
	case <-op.started:
	case <-time.After(op.grace):
		go func() { // not before
			<-op.started
			end()
		}()
		return errStarting
	}
	end()
	return <-ended
}
