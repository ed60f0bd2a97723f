package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// fakeCluster holds objects as a cache and an API server do, as far as a Loop needs them.
type fakeCluster struct {
	client.Client
	discovery.ServerResourcesInterface
	mu      sync.Mutex
	version int
	objects map[schema.GroupVersionKind]map[client.ObjectKey]client.Object
	writes  []string // "Kind namespace/name", what was written since it was emptied
	watch   *watch.Watcher
}

func (c *fakeCluster) put(gvk schema.GroupVersionKind, o client.Object) {
	c.version++
	o.SetResourceVersion(strconv.Itoa(c.version))
	if o.GetUID() == "" {
		o.SetUID(types.UID("u" + o.GetResourceVersion()))
	}
	if c.objects[gvk] == nil {
		c.objects[gvk] = map[client.ObjectKey]client.Object{}
	}
	c.objects[gvk][client.ObjectKeyFromObject(o)] = o
}

func gvkOf(o runtime.Object) schema.GroupVersionKind {
	switch o.(type) {
	case *netv1.Ingress, *netv1.IngressList:
		return netv1.SchemeGroupVersion.WithKind("Ingress")
	case *netv1.IngressClass, *netv1.IngressClassList:
		return netv1.SchemeGroupVersion.WithKind("IngressClass")
	case *corev1.Service, *corev1.ServiceList:
		return corev1.SchemeGroupVersion.WithKind("Service")
	case *corev1.ConfigMap:
		return corev1.SchemeGroupVersion.WithKind("whole ConfigMap") // lists are of metadata
	case *corev1.Secret:
		return corev1.SchemeGroupVersion.WithKind("Secret")
	case *v1alpha1.Migration, *v1alpha1.MigrationList:
		return v1alpha1.GroupVersion().WithKind("Migration")
	case *v1alpha1.IngressTranslation, *v1alpha1.IngressTranslationList:
		return v1alpha1.GroupVersion().WithKind("IngressTranslation")
	}
	gvk := o.GetObjectKind().GroupVersionKind()
	gvk.Kind = strings.TrimSuffix(gvk.Kind, "List")
	return gvk
}

func (c *fakeCluster) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.objects[gvkOf(into)][key]
	if o == nil {
		return apierrors.NewNotFound(schema.GroupResource{}, key.Name)
	}
	switch into := into.(type) {
	case *netv1.Ingress:
		*into = *o.(*netv1.Ingress)
	case *corev1.Service:
		*into = *o.(*corev1.Service)
	case *corev1.Secret:
		*into = *o.(*corev1.Secret)
	case *v1alpha1.IngressTranslation:
		*into = *o.(*v1alpha1.IngressTranslation).DeepCopy()
	case *corev1.ConfigMap:
		*into = *o.(*corev1.ConfigMap)
	case *unstructured.Unstructured:
		*into = *o.(*unstructured.Unstructured).DeepCopy()
	default:
		return fmt.Errorf("a %T", into)
	}
	return nil
}

func (c *fakeCluster) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]runtime.Object, 0, len(c.objects[gvkOf(list)]))
	for _, o := range c.objects[gvkOf(list)] {
		all = append(all, o)
	}
	return meta.SetList(list, all)
}

// RESTMapper knows all kinds that are asked for.
func (c *fakeCluster) RESTMapper() meta.RESTMapper {
	m := meta.NewDefaultRESTMapper(nil)
	for _, kind := range istioKinds {
		m.Add(istioKind(kind), meta.RESTScopeNamespace)
	}
	m.Add(v1alpha1.GroupVersion().WithKind("IngressTranslation"), meta.RESTScopeNamespace)
	m.Add(v1alpha1.GroupVersion().WithKind("Migration"), meta.RESTScopeRoot)
	m.Add(schema.GroupVersionKind{Group: "networking.istio.io", Version: "v1alpha3", Kind: "EnvoyFilter"}, meta.RESTScopeNamespace)
	m.Add(schema.GroupVersionKind{Group: "telemetry.istio.io", Version: "v1", Kind: "Telemetry"}, meta.RESTScopeNamespace)
	return m
}

var istioKinds = [...]string{"EnvoyFilter", "DestinationRule", "Gateway", "VirtualService", "ServiceEntry", "Telemetry"}

func (c *fakeCluster) Create(_ context.Context, o client.Object, _ ...client.CreateOption) error {
	if q, ok := o.(*authorizationv1.SelfSubjectAccessReview); ok {
		q.Status.Allowed = true
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(gvkOf(o), o)
	return nil
}

func (c *fakeCluster) Delete(_ context.Context, o client.Object, _ ...client.DeleteOption) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.objects[gvkOf(o)], client.ObjectKeyFromObject(o))
	c.writes = append(c.writes, "-"+gvkOf(o).Kind+" "+o.GetNamespace()+"/"+o.GetName())
	return nil
}

// RoundTrip answers requests that write. What was applied to a gateway is not kept: a Loop knows what it wrote.
func (c *fakeCluster) RoundTrip(q *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	path := strings.Split(strings.TrimPrefix(q.URL.Path, "/apis/"), "/") // group, version, maybe namespaces and one, plural, maybe name and status
	key, rest := client.ObjectKey{}, path[2:]
	if rest[0] == "namespaces" {
		key.Namespace, rest = rest[1], rest[2:]
	}
	sub := ""
	if rest = append(rest, "", "")[:3]; rest[2] != "" {
		sub = "/" + rest[2]
	}
	if key.Name = rest[1]; key.Name == "" {
		var named metav1.PartialObjectMetadata
		if err := json.Unmarshal(body, &named); err != nil {
			return nil, err
		}
		key.Name = named.Name
	}
	out := &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"}}
	out.Name, out.Namespace, out.UID = key.Name, key.Namespace, types.UID("u-"+key.Name)
	if q.URL.Query().Get("dryRun") == "" {
		c.writes = append(c.writes, rest[0]+sub+" "+key.String())
		if err := c.write(rest[0], key, body, q.Header.Get("Content-Type")); err != nil {
			return nil, err
		}
	}
	c.version++
	out.ResourceVersion = strconv.Itoa(c.version)
	answer, err := json.Marshal(out)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(answer)), Request: q}, err
}

// write changes an object of the operator's own kinds.
func (c *fakeCluster) write(plural string, key client.ObjectKey, body []byte, how string) error {
	switch plural {
	case "migrations":
		gvk := gvkOf(&v1alpha1.Migration{})
		m := c.objects[gvk][key].(*v1alpha1.Migration).DeepCopy()
		c.put(gvk, m)
		return json.Unmarshal(body, &struct{ Status *v1alpha1.MigrationStatus }{&m.Status})
	case "ingresstranslations":
		gvk := gvkOf(&v1alpha1.IngressTranslation{})
		t := &v1alpha1.IngressTranslation{}
		if old := c.objects[gvk][key]; old != nil {
			t = old.(*v1alpha1.IngressTranslation).DeepCopy()
		}
		defer c.put(gvk, t)
		if how != string(types.JSONPatchType) {
			if strings.Contains(how, "apply") {
				t.Status = v1alpha1.IngressTranslationStatus{}
			}
			t.Namespace, t.Name = key.Namespace, key.Name
			return json.Unmarshal(body, t)
		}
		var patch []struct {
			Path  string
			Value json.RawMessage
		}
		if err := json.Unmarshal(body, &patch); err != nil {
			return err
		}
		for _, p := range patch {
			if into := map[string]any{"/spec": &t.Spec, "/metadata/labels": &t.Labels, "/metadata/ownerReferences": &t.OwnerReferences}[p.Path]; into != nil {
				if err := json.Unmarshal(p.Value, into); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *fakeCluster) ServerResourcesForGroupVersion(string) (*metav1.APIResourceList, error) {
	list := &metav1.APIResourceList{}
	for _, kind := range append(istioKinds[:], "IngressTranslation") {
		list.APIResources = append(list.APIResources, metav1.APIResource{Kind: kind, Verbs: metav1.Verbs{"create"}})
	}
	return list, nil
}

// newLoop makes a Loop for a cluster with n Ingresses, each with a host and a Service of its own, and has it do its first rounds.
func newLoop(t testing.TB, n int, change func(i int, o *netv1.Ingress)) (*Loop, *fakeCluster) {
	t.Helper()
	c := &fakeCluster{objects: map[schema.GroupVersionKind]map[client.ObjectKey]client.Object{}}
	class := &netv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: "nginx"}, Spec: netv1.IngressClassSpec{Controller: "k8s.io/ingress-nginx"}}
	c.put(gvkOf(class), class)
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: "m", Generation: 1}, Spec: v1alpha1.MigrationSpec{DefaultPhase: v1alpha1.PhaseLive}}
	c.put(gvkOf(m), m)
	for i := range n {
		o := testIngress(i)
		if change != nil {
			change(i, o)
		}
		s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: o.Name}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}}
		c.put(gvkOf(s), s)
		c.put(gvkOf(o), o)
	}
	c.watch = watch.New(&informertest.FakeInformers{}, &informertest.FakeInformers{}, c)
	direct, err := apply.NewClient(&rest.Config{Host: "https://cluster.test", QPS: -1}, &http.Client{Transport: c}, c)
	require.NoError(t, err)
	l := New(Config{Cache: c, Direct: direct, Watch: c.watch, Metrics: metrics.New("test"), Namespace: "ops", Apply: true, Guard: Guard{Namespaces: []string{"istio-system"}}, Workers: 4})
	never := func() {}
	l.timer, l.payday, l.audit = time.AfterFunc(time.Hour, never), time.AfterFunc(time.Hour, never), time.AfterFunc(time.Hour, never)
	for range 4 { // kinds are followed, Ingresses become live, that is seen
		_, err := l.round(t.Context())
		require.NoError(t, err)
		l.stale = false
	}
	require.NotNil(t, l.in)
	require.Len(t, l.rounds, 1)
	c.writes = nil
	return l, c
}

func testIngress(i int) *netv1.Ingress {
	kind, class, name := netv1.PathTypePrefix, "nginx", fmt.Sprintf("i%05d", i)
	return &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Generation: 1, CreationTimestamp: metav1.Unix(1_700_000_000, 0)}, Spec: netv1.IngressSpec{
		IngressClassName: &class, Rules: []netv1.IngressRule{{Host: name + ".test", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{
			Paths: []netv1.HTTPIngressPath{{Path: "/", PathType: &kind, Backend: netv1.IngressBackend{
				Service: &netv1.IngressServiceBackend{Name: name, Port: netv1.ServiceBackendPort{Number: 80}},
			}}},
		}}}},
	}}
}

// edit changes an Ingress.
func (c *fakeCluster) edit(i int, change func(o *netv1.Ingress)) watch.Noted {
	c.mu.Lock()
	defer c.mu.Unlock()
	gvk := gvkOf(&netv1.Ingress{})
	key := client.ObjectKey{Namespace: "shop", Name: fmt.Sprintf("i%05d", i)}
	o := c.objects[gvk][key].(*netv1.Ingress).DeepCopy()
	o.Generation++
	change(o)
	c.put(gvk, o)
	return watch.Noted{Kind: watch.Ingresses, ObjectKey: key}
}

// written gives what was written, and forgets it.
func (c *fakeCluster) written() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Sorted(maps.Keys(toSet(c.writes)))
	c.writes = nil
	return out
}

func toSet(list []string) map[string]bool {
	m := map[string]bool{}
	for _, x := range list {
		m[x] = true
	}
	return m
}
