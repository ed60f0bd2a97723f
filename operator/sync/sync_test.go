package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

const prefix = "nginx.ingress.kubernetes.io/"

func named(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

func ingress(name string, annotations ...string) *netv1.Ingress {
	class, kind := "nginx", netv1.PathTypePrefix
	in := &netv1.Ingress{ObjectMeta: named("shop", name), Spec: netv1.IngressSpec{
		IngressClassName: &class,
		TLS:              []netv1.IngressTLS{{Hosts: []string{name + ".test"}, SecretName: "cert"}},
		Rules: []netv1.IngressRule{{Host: name + ".test", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{
			Path: "/", PathType: &kind, Backend: netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: "web", Port: netv1.ServiceBackendPort{Number: 80}}},
		}}}}}},
	}}
	in.Annotations = map[string]string{}
	for i := 0; i < len(annotations); i += 2 {
		in.Annotations[prefix+annotations[i]] = annotations[i+1]
	}
	return in
}

func surroundings() []client.Object {
	return []client.Object{
		&netv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: "nginx"}, Spec: netv1.IngressClassSpec{Controller: "k8s.io/ingress-nginx"}},
		&corev1.Service{ObjectMeta: named("shop", "web"), Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}},
		&corev1.Secret{ObjectMeta: named("shop", "cert"), Data: map[string][]byte{"tls.key": []byte("KEYMATERIAL")}},
		&corev1.Secret{ObjectMeta: named("shop", "users"), Data: map[string][]byte{"auth": []byte("ann:KEYMATERIAL")}},
		&corev1.ConfigMap{ObjectMeta: named("edge", "settings"), Data: map[string]string{"add-headers": "edge/headers"}},
		&corev1.ConfigMap{ObjectMeta: named("edge", "headers"), Data: map[string]string{"X-Made-By": "first"}},
		&corev1.ConfigMap{ObjectMeta: named("edge", "other")},
	}
}

// bench is a Reconciler over a cluster in memory.
type bench struct {
	*Reconciler
	cluster client.WithWatch
	gets    []string // single objects asked for
	failing error    // of lists
	log     bytes.Buffer
}

func newBench(t *testing.T, change func(*Config), objects ...client.Object) *bench {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, errors.Join(corev1.AddToScheme(scheme), netv1.AddToScheme(scheme), metav1.AddMetaToScheme(scheme)))
	b := &bench{}
	b.cluster = fake.NewClientBuilder().WithScheme(scheme).WithObjects(append(surroundings(), objects...)...).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			b.gets = append(b.gets, key.String())
			return c.Get(ctx, key, o, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if _, whole := list.(*corev1.SecretList); whole {
				return errors.New("Secrets are asked for with their content")
			}
			return errors.Join(b.failing, c.List(ctx, list, opts...))
		},
	}).Build()
	c := Config{Cache: b.cluster, Direct: b.cluster, Secrets: true, Metrics: metrics.New("v0"), Version: "v0", Batch: time.Second}
	c.Options.Source.ControllerConfig = snapshot.Key{Namespace: "edge", Name: "settings"}
	if change != nil {
		change(&c)
	}
	b.Reconciler = New(c)
	return b
}

// run translates once and gives the lines that were logged, as message and counts.
func (b *bench) run(t *testing.T) string {
	t.Helper()
	b.log.Reset()
	logger := logr.FromSlogHandler(slog.NewTextHandler(&b.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case "msg", "code", "Ingress", "ingresses", "converted", "blocking":
			return a
		}
		return slog.Attr{}
	}}))
	_, err := b.Reconcile(log.IntoContext(t.Context(), logger), reconcile.Request{})
	require.NoError(t, err)
	return b.log.String()
}

func (b *bench) yaml(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, manifest.WriteYAML(&out, b.Current().Objects...))
	return out.String()
}

func (b *bench) count(code finding.Code) (n int) {
	for _, f := range b.Current().Report.Findings {
		if f.Code == code {
			n++
		}
	}
	return n
}

func TestWhatTheCacheHoldsIsTranslated(t *testing.T) {
	b := newBench(t, nil, ingress("a"))
	got := b.run(t)
	if diff := cmp.Diff("msg=\"Translation changed\" ingresses=1 converted=1 blocking=0\n", got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(reports.Counts{In: 1, Converted: 1}, b.Current().Report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	out := b.yaml(t)
	for _, want := range []string{"kind: Gateway", "kind: VirtualService", "a.test", "first"} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %q in\n%s", want, out)
		}
	}
	if n := b.count(finding.SecretMissing); n != 0 {
		t.Errorf("%d Secrets are reported missing", n)
	}
	if got := b.run(t); got != "" {
		t.Errorf("nothing changed, and this was logged:\n%s", got)
	}
}

func TestAProtectionThatIsLostIsLoggedOnce(t *testing.T) {
	b := newBench(t, nil, ingress("a"), ingress("b", "auth-type", "basic", "auth-secret", "users"))
	code := finding.ProtectionClosed
	want := fmt.Sprintf("msg=\"Protection is not carried over\" code=%s Ingress=shop/b\nmsg=\"Translation changed\" ingresses=2 converted=2 blocking=1\n", code)
	if diff := cmp.Diff(want, b.run(t)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if strings.Contains(b.yaml(t), "KEYMATERIAL") {
		t.Error("key material is in the translation")
	}
	require.NoError(t, b.cluster.Create(t.Context(), ingress("c")))
	if diff := cmp.Diff("msg=\"Translation changed\" ingresses=3 converted=3 blocking=1\n", b.run(t)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	wantMetrics := `
# HELP ingress2gw_translations_total Translations by how they ended: clean, blocked (a protection could not be carried over) or failed.
# TYPE ingress2gw_translations_total counter
ingress2gw_translations_total{controller="ingress-nginx",result="blocked",target="istio"} 2
ingress2gw_translations_total{controller="ingress-nginx",result="clean",target="istio"} 0
ingress2gw_translations_total{controller="ingress-nginx",result="failed",target="istio"} 0
`
	if err := testutil.CollectAndCompare(b.Metrics, strings.NewReader(wantMetrics), "ingress2gw_translations_total"); err != nil {
		t.Error(err)
	}
}

func TestOnlyConfigMapsInUseAreRead(t *testing.T) {
	b := newBench(t, nil, ingress("a"))
	b.run(t)
	if diff := cmp.Diff([]string{"edge/settings", "edge/headers"}, b.gets); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	for name, want := range map[string]bool{"settings": true, "headers": true, "other": false} {
		if got := b.NamesConfigMap(&corev1.ConfigMap{ObjectMeta: named("edge", name)}); got != want {
			t.Errorf("a change of ConfigMap %s leads to a translation: %v", name, got)
		}
	}
	b.gets = nil
	b.run(t)
	if len(b.gets) > 0 {
		t.Errorf("read although nothing changed: %v", b.gets)
	}
	headers := &corev1.ConfigMap{}
	require.NoError(t, b.cluster.Get(t.Context(), client.ObjectKey{Namespace: "edge", Name: "headers"}, headers))
	headers.Data["X-Made-By"] = "second"
	require.NoError(t, b.cluster.Update(t.Context(), headers))
	b.gets = nil
	b.run(t)
	if diff := cmp.Diff([]string{"edge/headers"}, b.gets); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if !strings.Contains(b.yaml(t), "second") {
		t.Error("the change is not in the translation")
	}
	require.NoError(t, b.cluster.Delete(t.Context(), headers))
	b.run(t)
	if strings.Contains(b.yaml(t), "second") {
		t.Error("a deleted ConfigMap is still in the translation")
	}
}

func TestWithoutSecretsNoneIsMissing(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Secrets = false }, ingress("a"))
	require.NoError(t, b.cluster.Delete(t.Context(), &corev1.Secret{ObjectMeta: named("shop", "cert")}))
	b.run(t)
	got := map[string]int{"missing": b.count(finding.SecretMissing), "not listed": b.count(finding.NotListed), "unseen": b.count(finding.SecretUnseen)}
	if diff := cmp.Diff(map[string]int{"missing": 0, "not listed": 1, "unseen": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhenTheCacheFailsTheLastTranslationStays(t *testing.T) {
	b := newBench(t, nil, ingress("a"))
	b.run(t)
	before := b.Current()
	b.failing = errors.New("no cache")
	if _, err := b.Reconcile(t.Context(), reconcile.Request{}); !errors.Is(err, b.failing) {
		t.Errorf("the error is %v", err)
	}
	if b.Current() != before {
		t.Error("the translation was replaced")
	}
}

func TestThePauseGrowsWithTheWork(t *testing.T) {
	r := New(Config{Batch: time.Second})
	var got []time.Duration
	for _, took := range []time.Duration{0, time.Millisecond, time.Minute} {
		r.took.Store(int64(took))
		got = append(got, r.wait())
	}
	if diff := cmp.Diff([]time.Duration{time.Second, time.Second, 4 * time.Minute}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
