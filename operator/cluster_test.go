//go:build envtest

package operator

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// cluster is an API server with Istio's kinds and ours. Tests use it one after the other, each with a class, a gateway and namespaces of
// its own.
type cluster struct {
	env    *envtest.Environment
	config *rest.Config
	admin  client.Client
	scheme *runtime.Scheme
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if text := os.Getenv(processVariable); text != "" {
		return asOperator(text)
	}
	flag.Parse()
	logger := logr.Discard()
	if testing.Verbose() {
		logger = logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, nil))
	}
	log.SetLogger(logger)
	if !given("test.parallel") {
		_ = flag.Set("test.parallel", strconv.Itoa(apiServers))
	}
	code := m.Run()
	servers.end()
	if len(counted.tried) > 0 {
		fmt.Println(counted)
	}
	return code
}

func given(name string) (yes bool) {
	flag.Visit(func(f *flag.Flag) { yes = yes || f.Name == name })
	return yes
}

// connected makes a cluster of an API server.
func connected(env *envtest.Environment) (*cluster, error) {
	c := &cluster{env: env, config: env.Config, scheme: runtime.NewScheme()}
	err := errors.Join(scheme.AddToScheme(c.scheme), v1alpha1.AddToScheme(c.scheme), apiextensionsv1.AddToScheme(c.scheme))
	if err != nil {
		return nil, err
	}
	c.config.QPS, c.config.Burst = -1, 0
	if c.admin, err = client.New(c.config, client.Options{Scheme: c.scheme}); err != nil {
		return nil, err
	}
	return c, c.admin.Create(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ops"}})
}

// site is what one test has of the cluster.
type site struct {
	*cluster
	t    *testing.T
	name string
}

// site makes a class, a namespace "<name>-edge" for the gateway, "<name>-shadow" for its shadow, "<name>-shop" and "<name>-blog" with a
// Service "web", and a Migration of that name.
func (c *cluster) site(t *testing.T, name string, change func(*v1alpha1.Migration)) *site {
	t.Helper()
	if other := servers.name(name, t.Name()); other != "" {
		t.Fatalf("%s has a site of the name %s, too", other, name)
	}
	s := &site{c, t, name}
	for _, n := range [...]string{"edge", "shadow", "shop", "blog"} {
		require.NoError(t, c.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.ns(n)}}))
	}
	s.create(`
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: NAME}
spec: {controller: example.com/NAME}`)
	for _, n := range [...]string{"shop", "blog"} {
		s.create(`
apiVersion: v1
kind: Service
metadata: {name: web, namespace: NAME-` + n + `}
spec: {ports: [{port: 80}]}`)
	}
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.MigrationSpec{
		Source:  v1alpha1.Source{IngressClass: name, ControllerClass: "example.com/" + name},
		Gateway: v1alpha1.Gateway{Namespace: s.ns("edge")}, Shadow: &v1alpha1.ShadowGateway{Namespace: s.ns("shadow"), Selector: map[string]string{"istio": "shadow"}},
	}}
	if change != nil {
		change(m)
	}
	require.NoError(t, c.admin.Create(t.Context(), m))
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := c.admin.Get(ctx, client.ObjectKeyFromObject(m), m); err == nil {
			m.Finalizers = nil
			_ = c.admin.Update(ctx, m)
			require.NoError(t, client.IgnoreNotFound(c.admin.Delete(ctx, m)))
		}
		list := &netv1.IngressList{}
		require.NoError(t, c.admin.List(ctx, list))
		for i := range list.Items {
			require.NoError(t, c.admin.Delete(ctx, &list.Items[i]))
		}
		s.clear(ctx)
	})
	return s
}

// clear removes what is left in the namespaces of the site: other tests use the same hosts.
func (s *site) clear(ctx context.Context) {
	for _, gvk := range outputs() {
		list := listOf(gvk)
		if err := s.admin.List(ctx, list); err != nil {
			continue // the kind is not there
		}
		for i := range list.Items {
			if o := &list.Items[i]; s.has(o) {
				require.NoError(s.t, client.IgnoreNotFound(s.admin.Delete(ctx, o)))
			}
		}
	}
}

func (s *site) ns(n string) string { return s.name + "-" + n }

// has tells whether an object is in one of the site's namespaces.
func (s *site) has(o client.Object) bool {
	return slices.Contains([]string{s.ns("edge"), s.ns("shadow"), s.ns("shop"), s.ns("blog")}, o.GetNamespace())
}

// create makes objects of YAML, in which NAME is the site's.
func (s *site) create(text string) {
	s.t.Helper()
	for _, o := range s.parse(text) {
		require.NoError(s.t, s.admin.Create(s.t.Context(), o))
	}
}

func (s *site) parse(text string) (out []*unstructured.Unstructured) {
	s.t.Helper()
	for doc := range strings.SplitSeq(strings.ReplaceAll(text, "NAME", s.name), "\n---\n") {
		u := &unstructured.Unstructured{}
		require.NoError(s.t, sigsyaml.Unmarshal([]byte(doc), &u.Object))
		out = append(out, u)
	}
	return out
}

// ingress makes an Ingress of one host with one path, in a namespace of the site. Annotations are written "key: value".
func (s *site) ingress(namespace, name, host string, annotations ...string) {
	s.t.Helper()
	s.create(s.ingressText(namespace, name, host, annotations...))
}

func (s *site) ingressText(namespace, name, host string, annotations ...string) string {
	return fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s, namespace: NAME-%s, annotations: {%s}}
spec: {ingressClassName: NAME, rules: [{host: %s, http: {paths: [{path: /%[1]s, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}`,
		name, namespace, strings.Join(annotations, ", "), host)
}

func phaseNote(p v1alpha1.Phase) string { return v1alpha1.AnnotationPhase + ": " + string(p) }

// say writes an annotation of an Ingress; "" removes it.
func (s *site) say(namespace, name, key, value string) {
	s.t.Helper()
	require.NoError(s.t, s.tell(namespace, name, key, value))
}

func (s *site) tell(namespace, name, key, value string) error {
	patch := fmt.Sprintf(`{"metadata": {"annotations": {%q: %q}}}`, key, value)
	if value == "" {
		patch = fmt.Sprintf(`{"metadata": {"annotations": {%q: null}}}`, key)
	}
	o := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns(namespace), Name: name}}
	return s.admin.Patch(s.t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch)))
}

func (s *site) phase(namespace, name string, p v1alpha1.Phase) {
	s.t.Helper()
	s.say(namespace, name, v1alpha1.AnnotationPhase, string(p))
}

// translation reads an IngressTranslation.
func (s *site) translation(namespace, name string) (*v1alpha1.IngressTranslation, error) {
	o := &v1alpha1.IngressTranslation{}
	return o, s.admin.Get(s.t.Context(), client.ObjectKey{Namespace: s.ns(namespace), Name: name}, o)
}

// patience is how long anything may take on a busy machine.
const patience = 90 * time.Second

// eventually waits until f gives no error.
func (s *site) eventually(f func() error) {
	s.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	s.t.Fatalf("it never comes to be: %v", err)
}

// becomes waits until an Ingress is in a phase and its condition Ready has a reason.
func (s *site) becomes(namespace, name string, p v1alpha1.Phase, reason string) {
	s.t.Helper()
	s.eventually(func() error { return s.is(namespace, name, p, v1alpha1.ConditionReady, reason) })
}

func (s *site) is(namespace, name string, p v1alpha1.Phase, kind, reason string) error {
	o, err := s.translation(namespace, name)
	if err != nil {
		return err
	}
	c := meta.FindStatusCondition(o.Status.Conditions, kind)
	if o.Status.Phase != p || c == nil || c.Reason != reason {
		return fmt.Errorf("%s/%s is in phase %q (want %q), conditions %v (want %s %s)", namespace, name, o.Status.Phase, p, o.Status.Conditions, kind, reason)
	}
	return nil
}

// impatient are the options of an operator that waits for nothing longer than it must.
func impatient() Options {
	return Options{
		Apply: true, Namespace: "ops", Secrets: true, Batch: 5 * time.Millisecond, Settle: 20 * time.Millisecond, Quiet: time.Second,
		Again: 2 * time.Second, Workers: 8, MetricsAddress: "0", HealthAddress: "0",
	}
}

// operator runs one until the test ends, or stop is called.
func (c *cluster) operator(t *testing.T, change func(*Options)) (stop func()) {
	t.Helper()
	return c.operatorAs(t, c.config, change)
}

func (c *cluster) operatorAs(t *testing.T, config *rest.Config, change func(*Options)) (stop func()) {
	t.Helper()
	_, stop = c.running(t, config, change)
	return stop
}

func (c *cluster) running(t *testing.T, config *rest.Config, change func(*Options)) (op *Operator, stop func()) {
	t.Helper()
	o := impatient()
	if change != nil {
		change(&o)
	}
	require.Eventually(t, func() (ok bool) { // a pod that ends is started again
		var err error
		if op, err = New(config, o); err != nil {
			t.Log(err)
		}
		return err == nil
	}, patience, 100*time.Millisecond)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- op.manager.Start(ctx) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("the operator ended with %v", err)
			}
		}
	}
	t.Cleanup(stop)
	return op, stop
}

// outputs lists the kinds that are applied.
func outputs() []schema.GroupVersionKind {
	var out []schema.GroupVersionKind
	for _, kind := range [...]string{"EnvoyFilter", "DestinationRule", "Gateway", "VirtualService", "ServiceEntry"} {
		gv := schema.GroupVersion{Group: "networking.istio.io", Version: "v1"}
		if kind == "EnvoyFilter" {
			gv.Version = "v1alpha3"
		}
		out = append(out, gv.WithKind(kind))
	}
	return append(out, schema.GroupVersionKind{Group: "telemetry.istio.io", Version: "v1", Kind: "Telemetry"}, corev1.SchemeGroupVersion.WithKind("Secret"))
}

// objects are all objects of the site that could be the operator's: "Kind namespace/name" and their content.
func (s *site) objects() map[string]*unstructured.Unstructured {
	s.t.Helper()
	out := map[string]*unstructured.Unstructured{}
	for _, gvk := range outputs() {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
		require.NoError(s.t, s.admin.List(s.t.Context(), list))
		for i := range list.Items {
			if o := &list.Items[i]; s.has(o) {
				out[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = o
			}
		}
	}
	return out
}

// bytes are the objects without what the API server adds.
func (s *site) bytes() map[string]string {
	out := map[string]string{}
	for k, o := range s.objects() {
		for _, f := range [...]string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
			unstructured.RemoveNestedField(o.Object, "metadata", f)
		}
		data, err := sigsyaml.Marshal(o.Object)
		require.NoError(s.t, err)
		out[k] = string(data)
	}
	return out
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// get reads an object by what objects calls it.
func (s *site) get(name string) *unstructured.Unstructured {
	s.t.Helper()
	o := s.objects()[name]
	require.NotNil(s.t, o, "there is no %s, but %v", name, keys(s.objects()))
	return o
}

// gone waits until an object is not there.
func (s *site) gone(o client.Object) {
	s.t.Helper()
	s.eventually(func() error {
		err := s.admin.Get(s.t.Context(), client.ObjectKeyFromObject(o), o)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("%T %s is there: %w", o, o.GetName(), err)
	})
}

// dying runs an operator that ends as a killed one does: no request goes out any more, and none that is under way says how it ended.
func (c *cluster) dying(t *testing.T) (kill func()) {
	t.Helper()
	config := rest.CopyConfig(c.config)
	dead := &atomic.Bool{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if dead.Load() {
				return nil, errors.New("killed")
			}
			answer, err := next.RoundTrip(r)
			if dead.Load() && err == nil {
				answer.Body.Close()
				return nil, errors.New("killed")
			}
			return answer, err
		})
	})
	stop := c.operatorAs(t, config, nil)
	return func() {
		dead.Store(true)
		stop()
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
